"""How far a group is behind, and what became of its events."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from weakref import WeakSet

from prometheus_client import Counter, Gauge

APPLIED = Counter(
    "orrery_inbox_events_total", "Events consumed: applied, duplicate, dead (put aside).", ["consumer", "outcome"]
)
LAG = Gauge(
    "orrery_inbox_lag_events",
    "Events that wait in the partitions of this process; the sum over all replicas is the group's.",
    ["consumer", "topic"],
)
OLDEST = Gauge(
    "orrery_inbox_oldest_seconds", "Age of the event that is being tried now; 0 while none is.", ["consumer"]
)
PROGRESS = Gauge(
    "orrery_inbox_progress_timestamp_seconds",
    "When an event was last done with, or there was none to do; seconds since 1970.",
    ["consumer"],
)


class Present:
    """The event that a consumer is at, for a gauge that grows while it is stuck there."""

    open: ClassVar[WeakSet["Present"]] = WeakSet()

    def __init__(self, group: str) -> None:
        self.group = group
        self.since: float | None = None
        for outcome in ("applied", "duplicate", "dead"):
            APPLIED.labels(group, outcome)
        PROGRESS.labels(group)
        OLDEST.labels(group).set_function(lambda: oldest(group))
        Present.open.add(self)

    def seconds(self) -> float:
        return 0.0 if self.since is None else max(0.0, time.time() - self.since)

    @contextmanager
    def at(self, milliseconds: int) -> Iterator[None]:
        """An event of this time is tried in the block, and done with when it ends without an error."""
        self.since = milliseconds / 1000
        try:
            yield
            PROGRESS.labels(self.group).set_to_current_time()
        finally:
            self.since = None


def oldest(group: str) -> float:
    """Over all consumers of the group in this process."""
    return max((one.seconds() for one in Present.open if one.group == group), default=0.0)
