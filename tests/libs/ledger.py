"""The tests' own service at work: its outbox, its inbox, and what a topic holds."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import ConsumerRecord
from orrery.identity.v1.identity_pb2 import Identity
from sqlalchemy import func, select

from libs.database import SYSTEM, Database, Session
from libs.inbox.table import InboxRow
from libs.kafka import Kafka, from_json
from libs.outbox import OutboxRow, publish
from libs.rpc import context
from tests.libs.generated import TOPIC, ledger

ORGANIZATION = "0d9c8a52-3a0a-4a0c-9a0e-3a0a4a0c9a0e"


@contextmanager
def calling(user_id: int = 7, request: str = "req-5") -> Iterator[None]:
    """As within a call of this user."""
    context.enter(Identity(user_id=user_id, organization_id=ORGANIZATION), request)
    yield


def note(session: Session, text: str, key: str = "one") -> None:
    with calling():
        publish(session, ledger.Noted(number=5, text=text), key=key)


async def noted(database: Database, *texts: str, key: str = "one") -> None:
    """Stage one event a text, all in one transaction."""
    async with database.transaction(SYSTEM) as session:
        for text in texts:
            note(session, text, key)


async def waiting(database: Database) -> int:
    """Events still in the outbox."""
    async with database.transaction(SYSTEM) as session:
        return int(await session.scalar(select(func.count()).select_from(OutboxRow)) or 0)


async def received(database: Database, group: str) -> int:
    """Events that the group's inbox knows."""
    async with database.transaction(SYSTEM) as session:
        query = select(func.count()).select_from(InboxRow).where(InboxRow.consumer == group)
        return int(await session.scalar(query) or 0)


async def stored(kafka: Kafka, topic: str = TOPIC) -> list[ConsumerRecord[bytes, bytes]]:
    """All records of a topic that are not deleted, by partition."""
    reader = kafka.consumer([topic], group=None)
    await reader.start()
    try:
        starts = await reader.beginning_offsets(reader.assignment())
        ends = await reader.end_offsets(reader.assignment())
        found: list[ConsumerRecord[bytes, bytes]] = []
        while len(found) < sum(ends.values()) - sum(starts.values()):
            for some in (await reader.getmany(timeout_ms=500)).values():
                found.extend(some)
        return found
    finally:
        await reader.stop()


async def told(kafka: Kafka, key: str) -> list[str]:
    """The texts of one key's events, in the topic's order."""
    return [from_json(ledger.Noted, one.value or b"").text for one in await stored(kafka) if one.key == key.encode()]


def fresh() -> str:
    """A key or group that no other test uses."""
    return uuid.uuid4().hex
