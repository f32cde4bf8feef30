"""Reads topics and applies each event once.

The inbox row is written in the effect's transaction, so that a redelivered event finds it and is silent. An event that
fails goes to `<topic>.<group>.dlq` after bounded attempts, with the reason; a store that is away is waited for.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.trace import SpanKind
from orrery.identity.v1.identity_pb2 import Credential, Identity
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from libs.database import SYSTEM, Database, Session, Tenant
from libs.inbox.lag import Lag
from libs.inbox.metrics import APPLIED, Present
from libs.inbox.table import InboxRow
from libs.kafka import Envelope, Kafka, Record, from_json
from libs.kafka.envelope import read_envelope
from libs.rpc import context
from libs.telemetry import get_logger, set_request_id, span

Handler = Callable[[Session, Any], Awaitable[None]]
log = get_logger(__name__)
ATTEMPTS = 5
RETENTION = "30 days"
PAUSE_SECONDS = 1.0
SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event with its envelope, for handlers that take any event (`handlers={Message: …}`)."""

    envelope: Envelope
    event: Message


class Consumer:
    """Applies events to handlers by class; `everything` takes those of `topics` that no class matches."""

    def __init__(
        self,
        database: Database,
        kafka: Kafka,
        *,
        group: str,
        handlers: Mapping[type[Message], Handler],
        everything: Callable[[Session, Delivery], Awaitable[None]] | None = None,
        topics: tuple[str, ...] = (),
    ) -> None:
        self._database, self._kafka, self._group = database, kafka, group
        self._handlers = {kind.DESCRIPTOR.full_name: handler for kind, handler in handlers.items()}
        self._everything = everything
        self._topics = sorted({*topics, *(kind.DESCRIPTOR.file.package for kind in handlers)})
        self._swept = -float("inf")
        self._present = Present(group)

    async def run(self) -> None:
        """Consume until cancelled; brokers and database may come and go."""
        while True:
            try:
                await self._consume()
            except (KafkaError, ConnectionError, OSError) as away:
                log.warning("consumer_waits", group=self._group, reason=str(away))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _consume(self) -> None:
        await self._kafka.ensure_topics([*self._topics, *(dead_letters(name, self._group) for name in self._topics)])
        consumer = self._kafka.consumer(self._topics, self._group)
        try:
            await consumer.start()
            async with Lag(consumer, self._group, self._topics) as lag:
                while True:
                    await self._round(consumer, lag)
                    await self._sweep()
        finally:
            await consumer.stop()

    async def _round(self, consumer: AIOKafkaConsumer, lag: Lag) -> None:
        batch = await consumer.getmany(timeout_ms=1_000, max_records=200)
        lag.taken(batch)
        for partition, records in batch.items():
            for record in records:
                with self._present.at(record.timestamp):
                    await self._settle(record)
                lag.settled(partition)
            await consumer.commit({partition: records[-1].offset + 1})

    async def _settle(self, record: ConsumerRecord[bytes, bytes]) -> None:
        try:
            delivery = self._read(record)
        except ValueError as unreadable:  # it will be no more readable next time
            return await self._bury(record, unreadable)
        return await self._attempt(record, delivery) if delivery else None

    async def _attempt(self, record: ConsumerRecord[bytes, bytes], delivery: Delivery) -> None:
        failures = 0
        while True:
            try:
                return await self._apply(delivery)
            except ConnectionError as away:
                log.warning("consumer_waits", group=self._group, reason=str(away))
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as failure:  # whatever a handler raises must not stop the partition
                failures += 1
                log.warning("event_failed", group=self._group, attempt=failures, exc_info=failure)
                if failures == ATTEMPTS:
                    return await self._bury(record, failure)
                await asyncio.sleep(0.1 * 2**failures)

    def _read(self, record: ConsumerRecord[bytes, bytes]) -> Delivery | None:
        """The event in a record, None where nobody here cares for it; raises ValueError where it is none."""
        envelope = read_envelope(record.headers)
        uuid.UUID(envelope.id)
        if envelope.type not in self._handlers and self._everything is None:
            return None
        return Delivery(envelope, from_json(event_class(envelope.type), record.value or b""))

    async def _apply(self, delivery: Delivery) -> None:
        envelope, event = delivery.envelope, delivery.event
        handler = self._handlers.get(envelope.type)
        tenant = Tenant(envelope.user_id, envelope.organization_id, is_system=True)
        enter(envelope)
        with span(f"consume {envelope.type}", SpanKind.CONSUMER, envelope.traceparent or None):
            async with self._database.transaction(tenant) as session:
                if not await self._is_new(session, envelope):
                    APPLIED.labels(self._group, "duplicate").inc()
                    return
                if handler:
                    await handler(session, event)
                elif self._everything:
                    await self._everything(session, delivery)
        APPLIED.labels(self._group, "applied").inc()

    async def _is_new(self, session: Session, envelope: Envelope) -> bool:
        row = insert(InboxRow).values(consumer=self._group, event_id=uuid.UUID(envelope.id))
        return (await session.execute(row.on_conflict_do_nothing().returning(InboxRow.event_id))).first() is not None

    async def _bury(self, record: ConsumerRecord[bytes, bytes], failure: Exception) -> None:
        """Send the record to the dead letters, however long Kafka takes to come back."""
        reason = [
            ("dlq_reason", f"{type(failure).__name__}: {failure}"[:500].encode()),
            ("dlq_topic", record.topic.encode()),
        ]
        dead = Record(
            dead_letters(record.topic, self._group), record.key or b"", record.value or b"", [*record.headers, *reason]
        )
        while True:
            try:
                await self._kafka.send([dead])
            except ConnectionError:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                APPLIED.labels(self._group, "dead").inc()
                log.error("event_buried", group=self._group, topic=dead.topic, reason=str(failure))
                return

    async def _sweep(self) -> None:
        """Once an hour, forget events that Kafka forgot long ago."""
        if time.monotonic() - self._swept < SWEEP_SECONDS:
            return
        async with self._database.transaction(SYSTEM) as session:
            await session.execute(text(f"DELETE FROM inbox WHERE received_at < now() - interval '{RETENTION}'"))  # noqa: S608  # a constant
        self._swept = time.monotonic()


def event_class(full_name: str) -> type[Message]:
    """The generated class of an event; raises ValueError where this process does not know it."""
    try:
        return GetMessageClass(Default().FindMessageTypeByName(full_name))
    except KeyError:
        raise ValueError(f"{full_name} is no event that this process knows") from None


def enter(envelope: Envelope) -> None:
    """Act for whoever caused the event: what a handler publishes carries them and their request on."""
    cause = Identity(
        user_id=envelope.user_id,
        organization_id=envelope.organization_id,
        credential=Credential.CREDENTIAL_SERVICE,
    )
    context.enter(cause, envelope.request_id)
    set_request_id(envelope.request_id)


def dead_letters(topic: str, group: str) -> str:
    return f"{topic}.{group}.dlq"
