"""Each event takes effect once, in order per key, for whoever caused it."""

from typing import Any

from orrery.identity.v1.identity_pb2 import Credential
from sqlalchemy import select, text

from libs.database import SYSTEM, Database, Session
from libs.inbox import Consumer, Delivery
from libs.kafka import Kafka, Record
from libs.kafka.envelope import read_envelope
from libs.outbox import OutboxRow, publish
from libs.rpc import caller, request_id
from libs.telemetry import traceparent
from tests.libs.generated import TOPIC, ledger
from tests.libs.inbox.conftest import PARENT, Handler, at_the_end, has, letters, record, settled
from tests.libs.ledger import ORGANIZATION, fresh, received
from tests.libs.waiting import eventually, running


async def test_an_event_delivered_again_is_silent(database: Database, kafka: Kafka, handler: Handler) -> None:
    words = fresh()
    once = record(words)

    async with running(handler.consumer(database, kafka)):
        await kafka.send([once, once])
        await kafka.send([once])
        await settled(database, handler, kafka)

    assert (await handler.effects(database)).count(words) == 1


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

    assert (await handler.effects(database)).count(words) == 1


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

    assert [words for words in await handler.effects(database) if words in texts] == texts


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
