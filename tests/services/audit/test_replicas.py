"""Several replicas of audit: each event one row, in order, whoever comes and goes meanwhile."""

import asyncio
from contextlib import AsyncExitStack

from orrery.media.videos.v1.events_pb2 import VideoReady
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.kafka import Kafka, Record
from libs.settings import DatabaseSettings, KafkaSettings
from services.audit.access_log.consumers import access_log_consumer
from services.audit.audit_log.consumers import audit_log_consumer
from services.audit.partitions import Partitions
from services.audit.people.consumers import erasure_consumer
from tests.libs.waiting import eventually, running
from tests.services.audit.builders import Said, organization

KEYS, EACH = 6, 20


class Replica:
    """One pod: its own connections, and all loops of its process."""

    def __init__(self, settings: DatabaseSettings, kafka_settings: KafkaSettings) -> None:
        self._settings, self._kafka_settings = settings, kafka_settings

    async def run(self) -> None:
        async with Database(self._settings) as database, Kafka(self._kafka_settings) as kafka:
            loops = (
                audit_log_consumer(database, kafka),
                access_log_consumer(database, kafka),
                erasure_consumer(database, kafka),
                Partitions(database),
            )
            async with asyncio.TaskGroup() as group:
                for one in loops:
                    group.create_task(one.run())


async def test_replicas_that_come_and_go_leave_one_row_an_event_in_the_order_of_each_key(
    settings: DatabaseSettings, kafka_settings: KafkaSettings, database: Database, kafka: Kafka
) -> None:
    tenant = organization()
    said = [[Said(VideoReady(video_id=key), tenant) for _ in range(EACH)] for key in range(KEYS)]

    async with running(Replica(settings, kafka_settings)):
        await send(kafka, said, 0, 5)
        async with AsyncExitStack() as more:
            for start in (5, 10):
                await more.enter_async_context(running(Replica(settings, kafka_settings)))
                await send(kafka, said, start, start + 5)
        await send(kafka, said, 15, 20)
        await eventually(lambda: all_there(database, tenant))

    rows = await written(database, tenant)
    assert len(rows) == KEYS * EACH
    for of_key in said:
        ids = [one.id for one in of_key]
        assert [event for event in rows if event in ids] == ids


async def test_twelve_months_are_made_once_by_replicas_that_start_together(database: Database) -> None:
    made = await asyncio.gather(*(Partitions(database).make(12) for _ in range(5)))

    assert sum(made) == max(made)
    assert sum(await asyncio.gather(*(Partitions(database).make(12) for _ in range(5)))) == 0


async def send(kafka: Kafka, said: list[list[Said]], start: int, end: int) -> None:
    for number in range(start, end):
        records = [of_key[number].record for of_key in said]
        await kafka.send(
            [Record(one.topic, str(key).encode(), one.value, one.headers) for key, one in enumerate(records)]
        )


async def all_there(database: Database, tenant: str) -> bool:
    return len(await written(database, tenant)) >= KEYS * EACH


async def written(database: Database, tenant: str) -> list[str]:
    """The ids of the tenant's events as they were written."""
    async with database.transaction(SYSTEM) as session:
        query = text("SELECT event_id FROM audit_log WHERE organization_id = CAST(:tenant AS uuid) ORDER BY log_id")
        return [str(one) for one in await session.scalars(query, {"tenant": tenant})]
