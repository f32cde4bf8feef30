"""An event reaches Kafka if, and only if, its transaction commits; in order per key, at least once."""

import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from libs.database import SYSTEM, Database, Tenant
from libs.kafka import Kafka, KafkaAway, Record
from libs.kafka.envelope import read_envelope
from libs.outbox import Relay, publish
from libs.outbox.table import MOST_BYTES
from libs.settings import DatabaseSettings, KafkaSettings
from libs.telemetry import span
from tests.libs.generated import TOPIC, ledger
from tests.libs.ledger import ORGANIZATION, calling, fresh, note, noted, stored, told, waiting
from tests.libs.waiting import eventually, running
from tools.stack import parts

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def relay(database: Database, kafka: Kafka) -> Relay:
    """A relay with nothing to send."""
    made = Relay(database, kafka, service="ledger", schema="ledger")
    while await made.relay_batch():
        pass
    return made


async def test_what_is_rolled_back_is_never_told(database: Database, kafka: Kafka, relay: Relay) -> None:
    key = fresh()

    async def change_of_mind() -> None:
        async with database.transaction(SYSTEM) as session:
            note(session, "never", key)
            await session.flush()
            raise LookupError("no")

    with pytest.raises(LookupError):
        await change_of_mind()
    await noted(database, "told", key=key)

    assert await relay.relay_batch() == 1
    assert await told(kafka, key) == ["told"]


async def test_an_event_carries_who_when_why_and_its_trace(database: Database, kafka: Kafka, relay: Relay) -> None:
    key = fresh()
    before = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)

    with span("call", parent=PARENT):
        await noted(database, "größe", key=key)
    await relay.relay_batch()

    [record] = [one for one in await stored(kafka) if one.key == key.encode()]
    envelope = read_envelope(record.headers)
    assert (envelope.type, envelope.topic, envelope.source) == ("made_up.ledger.v1.Noted", TOPIC, "ledger")
    assert (envelope.user_id, envelope.organization_id, envelope.request_id) == (7, ORGANIZATION, "req-5")
    assert (envelope.key, envelope.traceparent.split("-")[1]) == (key, PARENT.split("-")[1])
    assert before < envelope.time < dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    assert record.value == '{"number":5,"text":"größe"}'.encode()


async def test_another_can_be_named_as_the_one_who_did_it(database: Database, kafka: Kafka, relay: Relay) -> None:
    key = fresh()
    with calling(user_id=0):
        async with database.transaction(SYSTEM) as session:
            publish(session, ledger.Noted(), key=key, by=Tenant(9, ORGANIZATION))

    await relay.relay_batch()

    [record] = [one for one in await stored(kafka) if one.key == key.encode()]
    assert read_envelope(record.headers).user_id == 9


async def test_each_key_is_told_in_order_over_many_transactions_and_batches(
    database: Database, kafka: Kafka, relay: Relay
) -> None:
    keys = [fresh() for _ in range(4)]
    for number in range(25):
        for key in keys:
            await noted(database, f"{number}a", f"{number}b", key=key)

    while await relay.relay_batch(size=7):
        pass

    for key in keys:
        assert await told(kafka, key) == [f"{number}{letter}" for number in range(25) for letter in "ab"]


async def test_a_transaction_that_commits_late_with_a_low_position_is_still_told(
    database: Database, kafka: Kafka, relay: Relay
) -> None:
    key = fresh()
    async with database.transaction(SYSTEM) as late:
        note(late, "late", key)
        await late.flush()
        await noted(database, "early", key=key)
        assert await relay.relay_batch() == 1

    assert await relay.relay_batch() == 1
    assert await told(kafka, key) == ["early", "late"]


class Slow(Kafka):
    """Kafka over a slow line: `send` waits until it is let go."""

    def __init__(self, settings: KafkaSettings) -> None:
        super().__init__(settings)
        self.sending, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, records: Sequence[Record]) -> None:
        self.sending.set()
        await self.go.wait()
        await super().send(records)


async def test_of_two_relays_one_works(
    database: Database, kafka: Kafka, relay: Relay, kafka_settings: KafkaSettings
) -> None:
    key = fresh()
    async with Slow(kafka_settings) as slow:
        first = Relay(database, slow, service="ledger", schema="ledger")
        await noted(database, "once", key=key)
        working = asyncio.create_task(first.relay_batch())
        await slow.sending.wait()

        assert await relay.relay_batch() == 0
        slow.go.set()
        assert await working == 1

    assert await relay.relay_batch() == 0
    assert await told(kafka, key) == ["once"]


DIES = """
import asyncio, os, signal, sys
from pydantic import SecretStr
import tests.libs.generated
from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.settings import DatabaseSettings, KafkaSettings

class Dies(Kafka):
    async def send(self, records):
        await super().send(records)
        os.kill(os.getpid(), signal.SIGKILL)

async def main(dsn, brokers):
    own = DatabaseSettings(dsn=SecretStr(dsn))
    async with Database(own) as database, Dies(KafkaSettings(brokers=brokers)) as kafka:
        await Relay(database, kafka, service="ledger", schema="ledger").relay_batch()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_relay_killed_between_sending_and_forgetting_leaves_the_event_to_the_next(
    database: Database, settings: DatabaseSettings, kafka: Kafka, kafka_settings: KafkaSettings, relay: Relay
) -> None:
    key = fresh()
    await noted(database, "twice", key=key)
    arguments = ("-c", DIES, settings.dsn.get_secret_value(), kafka_settings.brokers)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ".:gen"}

    killed = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment)
    assert await killed.wait() == -signal.SIGKILL
    assert await waiting(database) == 1
    assert await eventually(relay.relay_batch) == 1

    records = [one for one in await stored(kafka) if one.key == key.encode()]
    assert await told(kafka, key) == ["twice", "twice"]
    assert len({read_envelope(one.headers).id for one in records}) == 1


async def test_a_running_relay_is_woken_by_the_commit(database: Database, kafka: Kafka, relay: Relay) -> None:
    keys = [fresh() for _ in range(3)]

    async with running(relay):
        for key in keys:
            await noted(database, "told", key=key)
            await eventually(lambda key=key: told(kafka, key))  # type: ignore[misc]  # a key each

    assert await waiting(database) == 0


async def test_nothing_is_lost_while_kafka_is_away_and_the_age_of_the_oldest_is_shown(database: Database) -> None:
    key = fresh()
    with parts.Kafka.ephemeral() as server:
        async with Kafka(KafkaSettings(brokers=server.address)) as kafka:
            relay = Relay(database, kafka, service="ledger", schema="ledger")
            async with running(relay):
                await noted(database, "before", key=key)
                await eventually(lambda: none_waits(database))
                server.stop()
                await noted(database, "meanwhile", "and so on", key=key)
                await eventually(oldest_is_old)
                assert await waiting(database) == 2
                server.start()
                await noted(database, "after", key=key)
                await eventually(lambda: none_waits(database))
                await eventually(oldest_is_young)

            texts = await told(kafka, key)
            assert list(dict.fromkeys(texts)) == ["before", "meanwhile", "and so on", "after"]


async def test_a_broker_that_lost_its_topics_gets_them_again(database: Database) -> None:
    key = fresh()
    with parts.Kafka.ephemeral() as server:
        async with Kafka(KafkaSettings(brokers=server.address)) as kafka:
            relay = Relay(database, kafka, service="ledger", schema="ledger")
            async with running(relay):
                await noted(database, "before", key=key)
                await eventually(lambda: none_waits(database))
                server.stop()
                server.wipe()
                server.start()
                await noted(database, "after", key=key)
                await eventually(lambda: none_waits(database))

            assert await told(kafka, key) == ["after"]


async def test_an_event_too_large_for_kafka_is_refused_where_it_is_staged(database: Database) -> None:
    async def too_much() -> None:
        async with database.transaction(SYSTEM) as session:
            note(session, "x" * MOST_BYTES)

    with pytest.raises(ValueError, match="too large for an event"):
        await too_much()

    assert await waiting(database) == 0


async def test_the_largest_event_of_the_worst_characters_passes(database: Database, kafka: Kafka, relay: Relay) -> None:
    key = fresh()
    await noted(database, "\x01" * (MOST_BYTES - 100), key=key)

    assert await relay.relay_batch() == 1


async def test_a_relay_waits_for_a_kafka_that_is_nowhere(database: Database) -> None:
    await noted(database, "patient", key=fresh())
    async with Kafka(KafkaSettings(brokers="127.0.0.1:1")) as nowhere:
        relay = Relay(database, nowhere, service="ledger", schema="ledger")

        with pytest.raises(KafkaAway):
            await relay.relay_batch()
        async with running(relay):
            await asyncio.sleep(0.5)

    assert await waiting(database) >= 1


async def none_waits(database: Database) -> bool:
    return await waiting(database) == 0


async def oldest_is_old() -> bool:
    return (REGISTRY.get_sample_value("orrery_outbox_oldest_seconds") or 0) > 0.5


async def oldest_is_young() -> bool:
    return not await oldest_is_old()
