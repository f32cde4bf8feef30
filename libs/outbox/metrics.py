"""How many events wait, and for how long: asked of the table itself, by each replica, whoever relays."""

import time

from prometheus_client import Counter, Gauge
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.telemetry import watch

EVERY_SECONDS = 5.0
MOST_COUNTED = 100_000
SENT = Counter("orrery_outbox_sent_total", "Events that reached Kafka.")
OLDEST = Gauge(
    "orrery_outbox_oldest_seconds",
    "Age of the oldest event that waits, 0 when none does; every replica says the same.",
)
WAITING = Gauge("orrery_outbox_waiting_events", "Events that wait, 100000 for more; every replica says the same.")
STATE = text(f"""
SELECT (SELECT extract(epoch FROM now() - created_at)::double precision FROM outbox ORDER BY position LIMIT 1),
       (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT {MOST_COUNTED}) waiting)
""")  # noqa: S608  # a constant


class Backlog:
    """A loop that looks at the outbox; an age that was found goes on growing until somebody looks again."""

    def __init__(self, database: Database, every_seconds: float = EVERY_SECONDS) -> None:
        self._database, self._every_seconds = database, every_seconds
        self._since: float | None = None
        OLDEST.set_function(self._age)

    async def run(self) -> None:
        """Look every few seconds until cancelled, whatever comes of one look."""
        await watch("outbox", self.look, self._every_seconds)

    async def look(self) -> None:
        """Look once; raises DatabaseAway and DatabaseBusy."""
        async with self._database.transaction(SYSTEM) as session:
            age, waiting = (await session.execute(STATE)).one()
        self._since = None if age is None else time.monotonic() - age
        WAITING.set(waiting)

    def _age(self) -> float:
        return 0.0 if self._since is None else max(0.0, time.monotonic() - self._since)
