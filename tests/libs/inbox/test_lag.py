"""How far a group is behind, seen while it works and while it is stuck."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from libs.database import Database, Session
from libs.inbox import Consumer
from libs.inbox.lag import Lag
from libs.kafka import Kafka
from libs.kafka.client import PARTITIONS
from tests.libs.generated import TOPIC, ledger
from tests.libs.inbox.conftest import Handler, at_the_end, record
from tests.libs.ledger import fresh
from tests.libs.waiting import eventually, running


@dataclass
class Stuck(Handler):
    """Begins with each event and ends with none until it is told to."""

    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def noted(self, session: Session, event: Any) -> None:
        await self.go.wait()
        await super().noted(session, event)


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"orrery_inbox_{name}", labels) or 0.0


async def test_a_stuck_group_shows_how_much_waits_and_since_when(database: Database, kafka: Kafka) -> None:
    stuck = Stuck()
    await at_the_end(kafka, stuck)
    consumer = Consumer(database, kafka, group=stuck.group, handlers={ledger.Noted: stuck.noted})

    async def lag() -> float:
        return shown("lag_events", consumer=stuck.group, topic=TOPIC)

    async def is_behind_by(count: int) -> bool:
        return await lag() == count

    async def age() -> float:
        return shown("oldest_seconds", consumer=stuck.group)

    async with running(consumer):
        await kafka.send([record("x") for _ in range(3)])
        await kafka.send([record("x", key="two") for _ in range(2)])
        await eventually(lambda: is_behind_by(5))
        before = await eventually(age)
        assert shown("oldest_seconds", consumer=stuck.group) > before
        assert shown("events_total", consumer=stuck.group, outcome="dead") == 0

        stuck.go.set()
        await eventually(lambda: is_behind_by(0))
        await eventually(lambda: has_progressed(stuck.group))
        assert shown("oldest_seconds", consumer=stuck.group) == 0

    assert await stuck.effects(database) == ["x"] * 5


async def test_a_measurement_that_fails_for_an_unforeseen_reason_is_told_and_is_not_the_last(kafka: Kafka) -> None:
    group, other = fresh(), fresh()
    await kafka.ensure_topics([other])
    await kafka.send([record("x")])
    reader = kafka.consumer([], None)
    reader.assign([TopicPartition(other, 0)])
    await reader.start()
    await reader.seek_to_beginning()

    async def is_told() -> bool:
        return any(line["event"] == "metric_not_measured" and other in line["reason"] for line in logs)

    async def is_behind() -> bool:
        return shown("lag_events", consumer=group, topic=TOPIC) > 0

    with structlog.testing.capture_logs() as logs:
        async with Lag(reader, group, [TOPIC], 0.05):  # of that other topic it knows nothing
            await eventually(is_told)
            reader.assign([TopicPartition(TOPIC, number) for number in range(PARTITIONS)])
            await reader.seek_to_beginning()
            await eventually(is_behind)
    await reader.stop()


async def has_progressed(group: str) -> bool:
    return shown("progress_timestamp_seconds", consumer=group) > 0


async def test_a_consumer_that_ended_has_left_its_group(database: Database, kafka: Kafka, handler: Handler) -> None:
    """Its successor has its partitions at once, and does not wait for a session to run out."""
    first = handler.consumer(database, kafka)
    async with running(first):
        await kafka.send([record("one")])
        await eventually(lambda: has_attempted(handler, "one"))

    assert await members(kafka, handler.group) == []


async def has_attempted(handler: Handler, words: str) -> bool:
    return words in handler.attempts


async def members(kafka: Kafka, group: str) -> list[Any]:
    """Who is in the group by the broker's word."""
    async with kafka.administering() as admin:
        described = await admin.describe_consumer_groups([group])
    return list(described[0].groups[0][5])
