"""A handler whose effects can be counted, and records to feed it."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from sqlalchemy import select

from libs.database import SYSTEM, Database, Session
from libs.inbox import Consumer
from libs.inbox.consumer import dead_letters
from libs.kafka import Envelope, Kafka, Record, to_json
from tests.libs.database.ledger.entries.models import Entry
from tests.libs.generated import TOPIC, ledger
from tests.libs.ledger import ORGANIZATION, fresh, stored
from tests.libs.waiting import eventually

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Handler:
    """Writes each event's text as a row of its group; fails as often as it is told to, after the write."""

    group: str = field(default_factory=fresh)
    failures: dict[str, int] = field(default_factory=dict)
    attempts: list[str] = field(default_factory=list)

    async def noted(self, session: Session, event: Any) -> None:
        self.attempts.append(event.text)
        session.add(Entry(organization_id=uuid.UUID(ORGANIZATION), title=f"{self.group} {event.text}"))
        await session.flush()
        if self.failures.get(event.text, 0) > 0:
            self.failures[event.text] -= 1
            raise LookupError(f"{event.text} is not ready")

    def consumer(self, database: Database, kafka: Kafka) -> Consumer:
        return Consumer(database, kafka, group=self.group, handlers={ledger.Noted: self.noted})

    async def effects(self, database: Database) -> list[str]:
        """The texts written, in order."""
        query = select(Entry.title).where(Entry.title.startswith(self.group)).order_by(Entry.at, Entry.created_at)
        async with database.transaction(SYSTEM) as session:
            return [title.removeprefix(f"{self.group} ") for title in await session.scalars(query)]


@pytest.fixture(autouse=True)
async def topic(kafka: Kafka) -> None:
    await kafka.ensure_topics([TOPIC])


@pytest.fixture
async def handler(kafka: Kafka) -> Handler:
    return await at_the_end(kafka, Handler())


async def at_the_end(kafka: Kafka, handler: Handler) -> Handler:
    """A handler whose group has nothing to do with what other tests sent."""
    reader = kafka.consumer([TOPIC], handler.group)
    await reader.start()
    await reader.commit(await reader.end_offsets(reader.assignment()))
    await reader.stop()
    return handler


def record(words: str, key: str = "one", **changed: Any) -> Record:
    event = ledger.Noted(number=5, text=words)
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "type": event.DESCRIPTOR.full_name,
        "source": "ledger",
        "topic": TOPIC,
        "key": key,
        "time": dt.datetime.now(dt.UTC),
        "user_id": 7,
        "organization_id": ORGANIZATION,
        "request_id": "req-5",
        "traceparent": PARENT,
    }
    envelope = Envelope(**(values | changed))
    return Record(TOPIC, key.encode(), to_json(event), envelope.headers())


async def settled(database: Database, handler: Handler, kafka: Kafka) -> None:
    """Return when everything sent so far is done with."""
    last = fresh()
    await kafka.send([record(last, key=key) for key in ("one", "two")])
    await eventually(lambda: has(database, handler, last, 2))


async def has(database: Database, handler: Handler, words: str, times: int = 1) -> bool:
    return (await handler.effects(database)).count(words) >= times


async def letters(kafka: Kafka, group: str) -> list[ConsumerRecord[bytes, bytes]]:
    return await stored(kafka, dead_letters(TOPIC, group))
