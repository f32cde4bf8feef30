"""The access log on a real broker: once, in order, whatever goes away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from orrery.gateway.requests.v1.events_pb2 import RequestsServed

from gateway.accesslog import AccessLog, Spool
from gateway.accesslog.log import TOPIC
from libs.kafka import Kafka, from_json, to_json
from libs.settings import KafkaSettings
from tests.gateway.accesslog.rows import files, left_in, received, row
from tools.stack import parts

LIMIT = 64 * 1024 * 1024
NOWHERE = KafkaSettings(brokers="127.0.0.1:1")


@pytest.fixture
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as entered:
        yield entered


def recorded(log: AccessLog, count: int) -> list[str]:
    rows = [row() for _ in range(count)]
    for one in rows:
        log.record(one)
    return [str(one["request_id"]) for one in rows]


async def test_requests_arrive_once_and_in_order(kafka: Kafka, tmp_path: Path) -> None:
    log = AccessLog(kafka, Spool(tmp_path, LIMIT))
    running = asyncio.create_task(log.run())
    asked: list[str] = []

    for _ in range(20):
        asked += recorded(log, 60)
        await asyncio.sleep(0.01)

    events = await received(kafka, set(asked))
    assert [one for _, requests in events for one in requests] == asked
    running.cancel()
    await asyncio.wait([running])
    await log.close(5)
    assert not files(tmp_path)


async def test_an_event_says_all_that_a_row_says(kafka: Kafka, tmp_path: Path) -> None:
    log = AccessLog(kafka, Spool(tmp_path, LIMIT))
    one = row("all-that-it-says")
    log.record(one)
    log.write()
    log._spool.seal()

    record = log._record(log._spool.first(1)[0])

    event = from_json(RequestsServed, record.value)
    assert record.value == to_json(event)
    assert {name.name: value for name, value in event.requests[0].ListFields()} == {k: v for k, v in one.items() if v}
    log._spool.close()


async def test_what_was_recorded_before_the_end_is_sent(kafka: Kafka, tmp_path: Path) -> None:
    log = AccessLog(kafka, Spool(tmp_path, LIMIT))
    asked = recorded(log, 3)

    await log.close(10)

    assert [one for _, requests in await received(kafka, set(asked)) for one in requests] == asked
    assert not files(tmp_path)


async def test_without_kafka_the_rows_of_the_end_stay_for_the_next_start(kafka: Kafka, tmp_path: Path) -> None:
    away = AccessLog(Kafka(NOWHERE), Spool(tmp_path, LIMIT))
    asked = recorded(away, 3)
    await away.close(1)
    assert left_in(tmp_path) == asked
    again = AccessLog(kafka, Spool(tmp_path, LIMIT))

    running = asyncio.create_task(again.run())

    assert [one for _, requests in await received(kafka, set(asked)) for one in requests] == asked
    running.cancel()
    await asyncio.wait([running])
    await again.close(5)
    assert not files(tmp_path)


async def test_a_batch_that_arrived_unnoticed_is_sent_again_under_its_id(kafka: Kafka, tmp_path: Path) -> None:
    await kafka.ensure_topics([TOPIC])
    log = AccessLog(kafka, Spool(tmp_path, LIMIT))
    asked = recorded(log, 2)
    log.write()
    log._spool.seal()
    await kafka.send([log._record(log._spool.first(1)[0])])  # and then the process dies before it knows

    await log.close(10)

    events = await received(kafka, set(asked))
    assert len(events) == 2
    assert len({event for event, _ in events}) == 1


async def test_kafka_away_in_the_middle_costs_nothing_and_keeps_the_order(tmp_path: Path) -> None:
    with parts.Kafka.ephemeral() as broker:
        async with Kafka(KafkaSettings(brokers=broker.address)) as kafka:
            log = AccessLog(kafka, Spool(tmp_path, LIMIT))
            running = asyncio.create_task(log.run())
            asked = recorded(log, 50)
            await received(kafka, set(asked))

            await asyncio.to_thread(broker.stop)
            assert not broker.is_healthy()
            for _ in range(10):
                asked += recorded(log, 50)
                await asyncio.sleep(0.3)
            on_disk = sum(path.stat().st_size for path in files(tmp_path))
            await asyncio.to_thread(broker.start)

            events = dict(await received(kafka, set(asked), seconds=90))
            assert on_disk > 0
            assert [one for requests in events.values() for one in requests] == asked
            running.cancel()
            await asyncio.wait([running])
            await log.close(10)
            assert not files(tmp_path)


async def test_a_row_that_is_no_json_does_not_take_others_with_it(kafka: Kafka, tmp_path: Path) -> None:
    log = AccessLog(kafka, Spool(tmp_path, LIMIT))
    asked = recorded(log, 1)
    log.record(row() | {"path": "/\ud800"})
    asked += recorded(log, 1)

    await log.close(10)

    assert [one for _, requests in await received(kafka, set(asked)) for one in requests] == asked
