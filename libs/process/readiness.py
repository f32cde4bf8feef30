"""Whether the parts of a process answer, and why not."""

import asyncio
import time

from prometheus_client import Gauge

from libs.telemetry import Check, No, get_logger, why_not

log = get_logger(__name__)
LONGEST_SECONDS = 4.0  # a probe waits five
KEEP_SECONDS = 1.0  # a probe storm must not become a storm on the stores
READY = Gauge("orrery_process_ready", "1 while the part answers that readiness stands on, else 0.", ["check"])


class Readiness:
    """Asks every check at most once a second; not ready while draining. A change is one line of the log."""

    def __init__(self, lost: str = "not_ready", back: str = "ready_again") -> None:
        self.checks: dict[str, Check] = {}
        self.draining = False
        self.reasons: dict[str, str] = {}
        """Why each part that does not answer does not."""
        self._lost, self._back = lost, back  # the events of the log
        self._asked = -float("inf")
        self._lock = asyncio.Lock()

    async def ask(self) -> dict[str, bool]:
        """Each check by name."""
        async with self._lock:
            if time.monotonic() - self._asked > KEEP_SECONDS:
                answers = await asyncio.gather(*map(within, self.checks.values()), return_exceptions=True)
                self._learn({name: why_not(answer) for name, answer in zip(self.checks, answers, strict=True)})
                self._asked = time.monotonic()
            answered = {name: name not in self.reasons for name in self.checks}
            return {**answered, "accepting": not self.draining}

    def _learn(self, whys: dict[str, str]) -> None:
        reasons = {name: why for name, why in whys.items() if why}
        if reasons and reasons != self.reasons:
            log.warning(self._lost, reasons=reasons)
        elif self.reasons and not reasons:
            log.info(self._back)
        for name in whys:
            READY.labels(name).set(name not in reasons)
        self.reasons = reasons


async def within(check: Check) -> bool | No:
    """The answer of a check; one that hangs, as on a store that vanished without a word, is none."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await check()
    except TimeoutError:
        return No(f"no answer within {LONGEST_SECONDS:.0f} s")
