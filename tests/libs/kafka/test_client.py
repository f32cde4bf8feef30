"""One process's way to a real broker that comes and goes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from libs.kafka import Kafka, KafkaAway, Record
from libs.settings import KafkaSettings
from tests.libs.ledger import stored
from tests.libs.waiting import eventually
from tools.stack import parts


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    name = f"made_up.{uuid.uuid4().hex}"
    await kafka.ensure_topics([name])
    return name


@pytest.fixture(scope="module")
def own_server() -> Iterator[parts.Kafka]:
    """A broker that a test may stop."""
    with parts.Kafka.ephemeral() as server:
        yield server


@pytest.fixture
async def own_kafka(own_server: parts.Kafka) -> AsyncIterator[Kafka]:
    own_server.start()
    async with Kafka(KafkaSettings(brokers=own_server.address)) as opened:
        yield opened


def record(topic: str, value: str, key: str = "one") -> Record:
    return Record(topic, key.encode(), value.encode(), [("a", b"1"), ("a", b"2"), ("empty", b"")])


async def values(kafka: Kafka, topic: str) -> list[str]:
    return [(one.value or b"").decode() for one in await stored(kafka, topic)]


async def test_records_arrive_in_order_with_their_headers(kafka: Kafka, topic: str) -> None:
    await kafka.send([record(topic, str(number)) for number in range(500)])
    await kafka.send([record(topic, "last")])

    found = await stored(kafka, topic)
    assert [(one.value or b"").decode() for one in found] == [*map(str, range(500)), "last"]
    assert list(found[0].headers) == [("a", b"1"), ("a", b"2"), ("empty", b"")]


async def test_sending_nothing_is_nothing(kafka: Kafka) -> None:
    await kafka.send([])


async def test_many_senders_share_one_producer(kafka: Kafka, topic: str) -> None:
    await asyncio.gather(*(kafka.send([record(topic, str(number), key=str(number))]) for number in range(100)))

    assert sorted(await values(kafka, topic), key=int) == [str(number) for number in range(100)]


async def test_topics_are_made_once_whoever_asks_and_however_often(kafka: Kafka) -> None:
    name = f"made_up.{uuid.uuid4().hex}"

    await asyncio.gather(*(kafka.ensure_topics([name]) for _ in range(5)))
    await kafka.ensure_topics([name])

    await kafka.send([record(name, "x")])
    assert await values(kafka, name) == ["x"]


async def test_a_topic_that_cannot_be_made_is_an_error(kafka: Kafka) -> None:
    with pytest.raises(KafkaAway):
        await kafka.ensure_topics(["no/such name"])


async def test_no_topic_is_made_by_accident(kafka: Kafka) -> None:
    with pytest.raises(KafkaAway):
        await kafka.send([record(f"made_up.{uuid.uuid4().hex}", "x")])


async def test_a_record_that_is_too_large_is_refused_and_hinders_no_other(kafka: Kafka, topic: str) -> None:
    with pytest.raises(KafkaAway):
        await kafka.send([record(topic, "x" * 2_000_000)])

    await kafka.send([record(topic, "small")])
    assert await values(kafka, topic) == ["small"]


async def test_brokers_that_are_nowhere_are_away() -> None:
    async with Kafka(KafkaSettings(brokers="127.0.0.1:1")) as nowhere:
        with pytest.raises(KafkaAway):
            await nowhere.send([record("x", "x")])
        with pytest.raises(KafkaAway):
            await nowhere.ensure_topics(["x"])
        assert not await nowhere.answers()


async def test_a_broker_that_went_and_came_is_used_again_and_what_failed_is_not_sent_later(
    own_server: parts.Kafka, own_kafka: Kafka
) -> None:
    await own_kafka.ensure_topics(["made_up.away"])
    await own_kafka.send([record("made_up.away", "before")])
    own_server.stop()

    with pytest.raises(KafkaAway):
        await own_kafka.send([record("made_up.away", "meanwhile")])
    assert not await own_kafka.answers()
    own_server.start()
    await eventually(own_kafka.answers)
    await own_kafka.send([record("made_up.away", "after")])

    await asyncio.sleep(3.0)  # an abandoned producer would have sent by now
    assert await values(own_kafka, "made_up.away") == ["before", "after"]


async def test_leaving_does_not_wait_for_a_broker_that_is_away(own_server: parts.Kafka) -> None:
    own_server.start()
    async with Kafka(KafkaSettings(brokers=own_server.address)) as kafka:
        await kafka.ensure_topics(["made_up.leaving"])
        await kafka.send([record("made_up.leaving", "x")])
        own_server.stop()
        sending = asyncio.create_task(kafka.send([record("made_up.leaving", "y")]))
        await asyncio.sleep(0.2)
        sending.cancel()
        await asyncio.wait([sending])

    assert [task for task in asyncio.all_tasks() if "aiokafka" in repr(task.get_coro())] == []
    own_server.start()


async def test_a_consumer_sees_committed_records_again_only_from_where_it_stood(kafka: Kafka, topic: str) -> None:
    await kafka.send([record(topic, str(number)) for number in range(3)])
    group = uuid.uuid4().hex
    first = kafka.consumer([topic], group)
    await first.start()
    one = await first.getone()
    await first.commit()
    await first.stop()

    second = kafka.consumer([topic], group)
    await second.start()
    rest = [await second.getone(), await second.getone()]
    await second.stop()

    assert [(found.value or b"").decode() for found in (one, *rest)] == ["0", "1", "2"]


async def test_a_consumer_whose_broker_is_gone_ends_itself_and_nobody_else() -> None:
    with parts.Kafka.ephemeral() as broker:
        async with Kafka(KafkaSettings(brokers=broker.address)) as kafka:
            await kafka.ensure_topics(["followed"])
            reader = kafka.consumer(["followed"], None)
            await reader.start()
            await reader.getmany(timeout_ms=100)

            await asyncio.to_thread(broker.stop)
            for _ in range(5):  # its own tasks now wait between attempts
                await reader.getmany(timeout_ms=100)
            await reader.stop()

            assert not broker.is_healthy()
