"""How full the pools are, looked at when Prometheus asks: nothing is paid by a transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Protocol
from weakref import WeakSet

from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

TRANSACTIONS, HOT = "transactions", "hot"
POOL_TIMEOUTS = Counter(
    "orrery_database_pool_timeouts_total", "Callers who waited for a connection of the pool in vain.", ["pool"]
)
UNPREPARED = Counter(
    "orrery_database_unprepared_total", "Statements for which a table, a schema or a right is missing.", ["lacks"]
)
for pool in (TRANSACTIONS, HOT):
    POOL_TIMEOUTS.labels(pool)
for lack in ("table", "schema", "right"):
    UNPREPARED.labels(lack)


@dataclass(frozen=True, slots=True)
class Fullness:
    """A pool's connections now, how many it may have, and how many callers wait for one."""

    in_use: int
    idle: int
    limit: int
    waiting: int


class Pooled(Protocol):
    """Whatever has pools."""

    def fullness(self) -> Mapping[str, Fullness]: ...


class Pools(Collector):
    """The gauges of all open databases of this process together."""

    def __init__(self) -> None:
        self.open: WeakSet[Pooled] = WeakSet()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        connections = GaugeMetricFamily(
            "orrery_database_pool_connections", "Connections of the pool by state.", labels=["pool", "state"]
        )
        limit = GaugeMetricFamily("orrery_database_pool_limit", "Connections that it may have.", labels=["pool"])
        waiting = GaugeMetricFamily(
            "orrery_database_pool_waiting", "Callers who wait for a connection of the pool.", labels=["pool"]
        )
        for name, full in self._together().items():
            connections.add_metric([name, "in_use"], full.in_use)
            connections.add_metric([name, "idle"], full.idle)
            limit.add_metric([name], full.limit)
            waiting.add_metric([name], full.waiting)
        yield from (connections, limit, waiting)

    def _together(self) -> dict[str, Fullness]:
        found: dict[str, Fullness] = {}
        for database in self.open:
            for name, full in database.fullness().items():
                before = found.get(name, Fullness(0, 0, 0, 0))
                found[name] = Fullness(*(a + b for a, b in zip(astuple(before), astuple(full), strict=True)))
        return found


POOLS = Pools()
REGISTRY.register(POOLS)
