"""How the parts behind the gateway are: asked at most once a second, whoever asks and however often."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from libs.telemetry import Answer, No, why_not

KEPT_SECONDS = 1.0  # a public health route must not become a storm on the stores
PATIENCE_SECONDS = 2.0
Ask = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Check:
    """A part: how to ask it, and whether the gateway is of no use without it."""

    ask: Ask
    is_vital: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a part answered, in how many milliseconds, when, and why it was no."""

    is_up: bool
    is_vital: bool
    milliseconds: float
    at: dt.datetime
    why: str = ""


class Health:
    """Asks all checks at once and keeps what they answer for a second."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._found: dict[str, Found] = {}
        self._asked = -float("inf")
        self._lock = asyncio.Lock()
        self._began = time.monotonic()
        self.is_draining = False

    @property
    def uptime_seconds(self) -> int:
        return int(time.monotonic() - self._began)

    async def ask(self) -> dict[str, Found]:
        """Each part by name; one that fails or takes over two seconds is down."""
        async with self._lock:
            if time.monotonic() - self._asked > KEPT_SECONDS:
                found = await asyncio.gather(*(ask(check) for check in self._checks.values()))
                self._found = dict(zip(self._checks, found, strict=True))
                self._asked = time.monotonic()
            return self._found

    async def is_ready(self) -> Answer:
        """Whether requests can be served: no vital part is down and the process is not ending."""
        found = await self.ask()
        if self.is_draining:
            return No("it is ending")
        down = [f"{name}: {one.why}" for name, one in found.items() if one.is_vital and not one.is_up]
        return No(", ".join(down)) if down else True


async def ask(check: Check) -> Found:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            why = why_not(await check.ask())
    except Exception as failure:  # noqa: BLE001  # whatever a check raises, its part is down
        why = why_not(failure)
    milliseconds = round((time.perf_counter() - began) * 1000, 3)
    return Found(not why, check.is_vital, milliseconds, dt.datetime.now(dt.UTC), why)


def status_of(found: Mapping[str, Found]) -> str:
    """healthy; degraded while a part is down; unhealthy while a vital one is."""
    down = [one for one in found.values() if not one.is_up]
    if any(one.is_vital for one in down):
        return "unhealthy"
    return "degraded" if down else "healthy"
