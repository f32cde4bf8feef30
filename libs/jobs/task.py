"""What a job does, and when it is not tried again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from libs.errors import DeadlineExceeded, Exhausted, Internal, Refusal, Unavailable
from libs.jobs.lease import Lease

SLOWEST_SECONDS = 300.0
PASSING = (Unavailable, DeadlineExceeded, Exhausted, Internal)


async def nothing_more(lease: Lease, refusal: Refusal | None) -> None:
    """Leaves it at the log."""


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of job.

    `run` does the work and ends with `lease.complete(session)` in its effect's transaction; without an effect in our
    database it just returns. A Refusal that time does not mend is final; anything else is tried again, `attempts`
    times in all, with growing pauses. Then, or after a final refusal, `give_up` says so (the refusal, or None where
    the attempts are spent), under a lease as well.
    """

    run: Callable[[Lease], Awaitable[None]]
    give_up: Callable[[Lease, Refusal | None], Awaitable[None]] = nothing_more
    attempts: int = 8
    first_pause_seconds: float = 2.0
    every_seconds: int | None = None
    """Also started by the clock, once in each such span over all workers."""

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures; doubled each time, at most five minutes, with some jitter."""
        return min(SLOWEST_SECONDS, self.first_pause_seconds * 2.0 ** (failures - 1)) * random.uniform(0.8, 1.2)


def is_final(refusal: Refusal) -> bool:
    """Whether the same job would be refused again."""
    return not isinstance(refusal, PASSING)
