"""Each event takes effect once, in order per key, or ends among the dead letters with its reason."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from orrery.identity.v1.identity_pb2 import Credential
from pydantic import SecretStr
from sqlalchemy import select, text

from libs.database import SYSTEM, Database, Session
from libs.database.migrate import upgrade
from libs.database.provision import provision
from libs.inbox import Consumer, Delivery
from libs.inbox.consumer import ATTEMPTS, dead_letters
from libs.inbox.replay import replay
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.kafka.envelope import read_envelope
from libs.outbox import OutboxRow, publish
from libs.rpc import caller, request_id
from libs.settings import DatabaseSettings
from libs.telemetry import traceparent
from tests.libs.database.ledger.entries.models import Entry
from tests.libs.generated import TOPIC, ledger
from tests.libs.ledger import ORGANIZATION, fresh, received, stored
from tests.libs.waiting import eventually, running
from tools.stack import parts

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


async def test_an_event_delivered_again_is_silent(database: Database, kafka: Kafka, handler: Handler) -> None:
    words = fresh()
    once = record(words)

    async with running(handler.consumer(database, kafka)):
        await kafka.send([once, once])
        await kafka.send([once])
        await settled(database, handler, kafka)

    assert handler.attempts.count(words) == 1


async def test_another_process_of_the_group_finds_it_in_the_inbox(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    words = fresh()
    once = record(words)
    await kafka.send([once])
    for _ in range(2):
        async with running(handler.consumer(database, kafka)):
            await settled(database, handler, kafka)
        await kafka.send([once])
    async with running(handler.consumer(database, kafka)):
        await settled(database, handler, kafka)

    assert handler.attempts.count(words) == 1


async def test_two_groups_each_have_the_effect(database: Database, kafka: Kafka) -> None:
    first, second = [await at_the_end(kafka, Handler()) for _ in range(2)]
    words = fresh()

    async with running(first.consumer(database, kafka), second.consumer(database, kafka)):
        await kafka.send([record(words)])
        await eventually(lambda: has(database, first, words))
        await eventually(lambda: has(database, second, words))


async def test_events_of_a_key_take_effect_in_order(database: Database, kafka: Kafka, handler: Handler) -> None:
    texts = [fresh() for _ in range(40)]
    handler.failures = {texts[3]: 2, texts[20]: 1}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([record(words) for words in texts])
        await settled(database, handler, kafka)

    seen = list(dict.fromkeys(handler.attempts))
    assert [words for words in seen if words in texts] == texts


async def test_a_failure_that_passes_leaves_one_effect(database: Database, kafka: Kafka, handler: Handler) -> None:
    words = fresh()
    handler.failures = {words: ATTEMPTS - 1}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, handler, kafka)

    assert handler.attempts.count(words) == ATTEMPTS
    assert (await handler.effects(database)).count(words) == 1
    assert not await letters(kafka, handler.group)


async def test_a_failure_that_stays_is_put_aside_with_its_reason_and_leaves_no_effect(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    words = fresh()
    poison = record(words)
    handler.failures = {words: 1_000}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([poison])
        await settled(database, handler, kafka)

    [letter] = await letters(kafka, handler.group)
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (poison.key, poison.value)
    assert headers["dlq_reason"].decode() == f"LookupError: {words} is not ready"
    assert read_envelope(letter.headers).topic == TOPIC
    assert handler.attempts.count(words) == ATTEMPTS
    assert words not in await handler.effects(database)


async def test_a_record_that_cannot_be_read_is_put_aside_at_once(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    good = record(fresh())
    unreadable = [
        Record(TOPIC, b"one", b"{", good.headers),
        Record(TOPIC, b"one", good.value, []),
        Record(TOPIC, b"", b"", [("ce_id", b"\xff")]),
    ]

    async with running(handler.consumer(database, kafka)):
        await kafka.send(unreadable)
        await settled(database, handler, kafka)

    found = await letters(kafka, handler.group)
    assert sorted(one.value or b"" for one in found) == sorted(one.value for one in unreadable)
    assert all(dict(one.headers)["dlq_reason"] for one in found)


async def test_events_that_nobody_here_cares_for_are_passed_over(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    other = record("x", type="made_up.ledger.v1.Closed")
    unknown = record("x", type="made_up.ledger.v9.FromAnotherRelease")

    async with running(handler.consumer(database, kafka)):
        await kafka.send([other, unknown])
        await settled(database, handler, kafka)

    assert not await letters(kafka, handler.group)
    assert "x" not in handler.attempts


async def test_a_handler_acts_for_whoever_caused_the_event(database: Database, kafka: Kafka) -> None:
    seen: dict[str, Any] = {}
    key = fresh()

    async def react(session: Session, event: Any) -> None:
        if event.text == key:
            tenant = text("SELECT current_setting('app.user_id'), current_setting('app.organization_id')")
            seen["tenant"] = tuple((await session.execute(tenant)).one())
            seen["caller"] = (caller().user_id, caller().organization_id, caller().credential, request_id())
            seen["trace"] = traceparent()
            publish(session, ledger.Closed(text="reaction"), key=key)

    consumer = Consumer(database, kafka, group=fresh(), handlers={ledger.Noted: react})
    async with running(consumer):
        await kafka.send([record(key)])
        row = await eventually(lambda: reaction(database, key))

    assert row
    assert seen["tenant"] == ("7", ORGANIZATION)
    assert seen["caller"] == (7, ORGANIZATION, Credential.CREDENTIAL_SERVICE, "req-5")
    assert seen["trace"].split("-")[1] == PARENT.split("-")[1]
    assert (row.user_id, row.organization_id, row.request_id) == (7, ORGANIZATION, "req-5")
    assert row.traceparent.split("-")[1] == PARENT.split("-")[1]


async def reaction(database: Database, key: str) -> OutboxRow | None:
    async with database.transaction(SYSTEM) as session:
        return await session.scalar(select(OutboxRow).where(OutboxRow.key == key))


async def test_one_function_can_take_every_event_of_its_topics(database: Database, kafka: Kafka) -> None:
    seen: list[Delivery] = []

    async def everything(session: Session, delivery: Delivery) -> None:
        seen.append(delivery)

    group, last = fresh(), record(fresh())
    consumer = Consumer(database, kafka, group=group, handlers={}, everything=everything, topics=(TOPIC,))
    async with running(consumer):
        await kafka.send([record("x", type="made_up.ledger.v1.Closed"), last])
        await eventually(lambda: knows(database, group, last))

    kinds = {delivery.envelope.type for delivery in seen}
    assert {"made_up.ledger.v1.Closed", "made_up.ledger.v1.Noted"} <= kinds


async def knows(database: Database, group: str, sent: Record) -> bool:
    """Whether the group's inbox knows the event."""
    query = text("SELECT count(*) FROM inbox WHERE consumer = :group AND event_id = CAST(:id AS uuid)")
    async with database.transaction(SYSTEM) as session:
        return bool(await session.scalar(query, {"group": group, "id": read_envelope(sent.headers).id}))


async def test_a_replay_lets_the_failing_group_try_anew_and_all_others_be(database: Database, kafka: Kafka) -> None:
    failing, other = [await at_the_end(kafka, Handler()) for _ in range(2)]
    words = fresh()
    failing.failures = {words: ATTEMPTS}

    async with running(failing.consumer(database, kafka), other.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, failing, kafka)
        await settled(database, other, kafka)
        assert words not in await failing.effects(database)
        assert await replay(kafka, TOPIC, failing.group) == 1
        await eventually(lambda: has(database, failing, words))
        await settled(database, other, kafka)
        assert await replay(kafka, TOPIC, failing.group) == 0

    assert failing.attempts.count(words) == ATTEMPTS + 1
    assert other.attempts.count(words) == 1


async def test_a_letter_that_fails_anew_waits_for_the_next_replay(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    words = fresh()
    handler.failures = {words: 2 * ATTEMPTS}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, handler, kafka)
        for _ in range(2):
            assert await replay(kafka, TOPIC, handler.group) == 1
            await settled(database, handler, kafka)

    assert (await handler.effects(database)).count(words) == 1
    assert len(await letters(kafka, handler.group)) == 2


async def test_a_replay_of_a_group_without_dead_letters_says_so(kafka: Kafka) -> None:
    with pytest.raises(LookupError, match=r"There is no topic made_up\.ledger\.v1\.nobody\.dlq"):
        await replay(kafka, TOPIC, "nobody")


async def test_the_inbox_forgets_what_kafka_forgot_long_ago(database: Database, kafka: Kafka, handler: Handler) -> None:
    fill = text("INSERT INTO inbox VALUES (:group, gen_random_uuid(), now() - interval '31 days')")
    async with database.transaction(SYSTEM) as session:
        await session.execute(fill, {"group": f"old {handler.group}"})

    async with running(handler.consumer(database, kafka)):
        await eventually(lambda: forgotten(database, f"old {handler.group}"))
        await settled(database, handler, kafka)

    assert await received(database, handler.group)


async def forgotten(database: Database, group: str) -> bool:
    return await received(database, group) == 0


@pytest.fixture
async def own_database() -> AsyncIterator[tuple[parts.Postgres, Database]]:
    """A PostgreSQL that a test may stop, with the ledger in it."""
    with parts.Postgres.ephemeral() as server:
        provision(server.dsn(), "ledger", "x", "x")
        upgrade(Path("tests/libs/database/ledger"), server.dsn(user="ledger_owner", password="x"))
        dsn = SecretStr(server.dsn(user="ledger_app", password="x"))
        async with Database(DatabaseSettings(dsn=dsn, pool_size=3)) as database:
            yield server, database


async def test_events_wait_for_a_database_that_is_away_and_none_is_put_aside(
    own_database: tuple[parts.Postgres, Database], kafka: Kafka, handler: Handler
) -> None:
    server, database = own_database
    texts = [fresh() for _ in range(3)]
    async with running(handler.consumer(database, kafka)):
        await settled(database, handler, kafka)
        server.stop()
        await kafka.send([record(words) for words in texts])
        await asyncio.sleep(3.0)  # time to fail in
        server.start()
        await settled(database, handler, kafka)

    effects = await handler.effects(database)
    assert [words for words in effects if words in texts] == texts
    assert not await letters(kafka, handler.group)
