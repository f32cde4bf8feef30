"""Carries the outbox to Kafka: one relay at a time, oldest first, at least once."""

import asyncio
from collections.abc import Sequence

from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass
from sqlalchemy import delete, func, select

from libs.database import SYSTEM, Database
from libs.database.locks import Lock
from libs.database.notify import Notifications
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.outbox.metrics import SENT, Backlog
from libs.outbox.table import CHANNEL, OutboxRow
from libs.telemetry import get_logger

log = get_logger(__name__)
BATCH = 500
IDLE_SECONDS = 1.0
SLOWEST_SECONDS = 5.0


class Relay:
    """One of these runs in each replica of a service; an advisory lock lets one work, so that no key is reordered.

    Rows are deleted and no cursor is kept: a transaction that commits late with a low position is still sent.
    """

    def __init__(self, database: Database, kafka: Kafka, *, service: str, schema: str) -> None:
        self._database, self._kafka, self._service = database, kafka, service
        self._schema = schema
        self._wake = Notifications(database, f"{CHANNEL}_{schema}")
        self._topics: set[str] = set()
        self._backlog = Backlog(database)

    async def run(self) -> None:
        """Relay until cancelled; a store that is away is waited for."""
        watching = asyncio.create_task(self._backlog.run())
        try:
            await self._relay()
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _relay(self) -> None:
        pause = 0.1
        async with self._wake:
            while True:
                try:
                    sent = await self.relay_batch()
                    pause = 0.1
                    if not sent:
                        await self._wake.wait(IDLE_SECONDS)
                except (ConnectionError, TimeoutError) as away:
                    log.warning("relay_waits", reason=str(away))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, SLOWEST_SECONDS)

    async def relay_batch(self, size: int = BATCH) -> int:
        """Send the oldest events in order and delete them; 0 when there are none or another relay works."""
        async with self._database.transaction(SYSTEM) as session:
            lock = func.pg_try_advisory_xact_lock(Lock.RELAY, func.hashtext(self._schema))
            if not await session.scalar(select(lock)):
                return 0
            oldest = select(OutboxRow).order_by(OutboxRow.position).limit(size)
            rows = (await session.scalars(oldest)).all()
            if rows:
                # The one sanctioned await on another system inside a transaction: the lock must outlive the send.
                await self._send(rows)
                await session.execute(delete(OutboxRow).where(OutboxRow.position.in_([row.position for row in rows])))
        SENT.inc(len(rows))
        return len(rows)

    async def _send(self, rows: Sequence[OutboxRow]) -> None:
        topics = {row.topic for row in rows}
        if topics - self._topics:
            await self._kafka.ensure_topics(topics)
            self._topics |= topics
        try:
            await self._kafka.send([self._record(row) for row in rows])
        except ConnectionError:
            self._topics.clear()  # a broker that lost its topics refuses them until they are made again
            raise

    def _record(self, row: OutboxRow) -> Record:
        event = GetMessageClass(Default().FindMessageTypeByName(row.type)).FromString(row.payload)
        envelope = Envelope(
            id=str(row.event_id),
            type=row.type,
            source=self._service,
            topic=row.topic,
            key=row.key,
            time=row.created_at,
            user_id=row.user_id,
            organization_id=row.organization_id,
            request_id=row.request_id,
            traceparent=row.traceparent,
            address=row.address,
        )
        return Record(row.topic, row.key.encode(), to_json(event), envelope.headers())
