"""Whether the parts of a process answer, and why not."""

import asyncio
import time
from dataclasses import dataclass

from prometheus_client import Gauge

from libs.telemetry import Check, No, get_logger, why_not

log = get_logger(__name__)
LONGEST_SECONDS = 4.0  # a probe waits five
KEEP_SECONDS = 1.0  # a probe storm must not become a storm on the stores
READY = Gauge("orrery_process_ready", "1 while the part answers that readiness stands on, else 0.", ["check"])
PART_UP = Gauge("orrery_process_part_up", "1 while the part answers without which it stays ready, else 0.", ["part"])


@dataclass(frozen=True, slots=True)
class Telling:
    """How it is told that something does not answer: the events of the log, the metric."""

    lost: str
    back: str
    metric: Gauge


READINESS = Telling("not_ready", "ready_again", READY)
PARTS = Telling("parts_away", "parts_back", PART_UP)


class Readiness:
    """Asks every check at most once a second; not ready while draining. A change is one line of the log."""

    def __init__(self, telling: Telling = READINESS) -> None:
        self.checks: dict[str, Check] = {}
        self.draining = False
        self.reasons: dict[str, str] = {}
        """Why each part that does not answer does not."""
        self._telling = telling
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
            log.warning(self._telling.lost, reasons=reasons)
        elif self.reasons and not reasons:
            log.info(self._telling.back)
        for name in whys:
            self._telling.metric.labels(name).set(name not in reasons)
        self.reasons = reasons


async def within(check: Check) -> bool | No:
    """The answer of a check; one that hangs, as on a store that vanished without a word, is none."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS) as limit:
            return await check()
    except TimeoutError:
        if not limit.expired():
            raise
        return No(f"no answer within {LONGEST_SECONDS:.0f} s")
