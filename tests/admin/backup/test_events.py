"""After a restore each event of the backup's moment takes effect once, and none of a later time does.

At the moment of the backup there are four kinds: sent and applied, sent and not yet applied, still in the outbox, and
put aside as a dead letter. Whatever is sent afterwards belongs to a time that the restored database does not know.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from orrery.media.videos.v1.events_pb2 import VideoDeleted
from pydantic import SecretStr

from libs import outbox
from libs.database import SYSTEM, Database, Session, Tenant
from libs.inbox import Consumer
from libs.inbox.letters import Heap, waiting
from libs.kafka import Kafka, KafkaAway
from libs.outbox import Relay
from libs.settings import DatabaseSettings, KafkaSettings
from tests.admin.backup.keeper import Keeper
from tests.libs.waiting import eventually, running
from tools.stack import parts

WHO = Tenant(7, str(uuid.uuid4()))
TOPIC = VideoDeleted.DESCRIPTOR.file.package


class Fleet:
    """Media's relay and a consumer of its events, on the database that the keeper looks at."""

    def __init__(self, keeper: Keeper, kafka: Kafka) -> None:
        self._keeper, self.kafka = keeper, kafka
        self.group = f"test-{uuid.uuid4().hex[:8]}"
        self.applied: list[int] = []
        self.poison: set[int] = set()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        dsn = self._keeper.postgres.dsn(user="media_app", database=self._keeper.database)
        async with Database(DatabaseSettings(dsn=SecretStr(dsn), pool_size=3)) as database:
            yield database

    async def send(self, *videos: int, relayed: bool = True) -> None:
        async with self.database() as database:
            async with database.transaction(SYSTEM) as session:
                for video in videos:
                    outbox.publish(session, VideoDeleted(video_id=video), key=str(video), by=WHO)
            if relayed:
                await Relay(database, self.kafka, service="media", schema="media").relay_batch()

    async def consume(self, *videos: int) -> None:
        """Until these are applied, and a little beyond."""
        async with self.consuming():
            await eventually(lambda: self.has_applied(*videos))
            await asyncio.sleep(1.5)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[None]:
        async with self.database() as database:
            consumer = Consumer(database, self.kafka, group=self.group, handlers={VideoDeleted: self.apply})
            async with running(consumer):
                yield

    async def has_applied(self, *videos: int) -> bool:
        return set(videos) <= set(self.applied)

    async def apply(self, session: Session, event: VideoDeleted) -> None:
        if event.video_id in self.poison:
            raise ValueError("cannot be applied")
        self.applied.append(event.video_id)

    async def keep(self, *arguments: str) -> str:
        return await asyncio.to_thread(self._keeper.do, *arguments)


@pytest.fixture
def own_broker() -> Iterator[KafkaSettings]:
    """Another broker, in which there is nothing."""
    with parts.Kafka.ephemeral() as server:
        yield KafkaSettings(brokers=f"127.0.0.1:{server.port}")


@pytest.fixture
async def fleet(keeper_with_kafka: Keeper, kafka_settings: KafkaSettings) -> AsyncIterator[Fleet]:
    async with Kafka(kafka_settings) as kafka:
        yield Fleet(keeper_with_kafka, kafka)


async def backed_up(fleet: Fleet) -> None:
    """1 was applied, 2 is a dead letter, 3 was sent, 4 waits in the outbox; 5 and 6 came after the backup."""
    fleet.poison = {2}
    await fleet.send(1, 2)
    async with fleet.consuming():
        await eventually(lambda: fleet.has_applied(1))
        await eventually(lambda: dead_letters(fleet))
    await fleet.send(3)
    await fleet.send(4, relayed=False)

    await fleet.keep("create")

    await fleet.send(5, 6)
    fleet.applied.clear()


async def dead_letters(fleet: Fleet) -> list[int]:
    try:
        found = await waiting(fleet.kafka, Heap(TOPIC, fleet.group))
    except KafkaAway:  # busy
        return []
    return [int(letter.key) for letter in found if letter.key.isdigit()]  # others use the topic too


async def test_each_event_of_that_moment_takes_effect_once_and_no_later_one(
    fleet: Fleet, keeper_with_kafka: Keeper, new_database: Callable[..., str]
) -> None:
    await backed_up(fleet)

    keeper_with_kafka.database = new_database()
    said = await fleet.keep("restore", "latest")
    await fleet.send()  # the outbox as it was
    await fleet.consume(3, 4)

    assert sorted(fleet.applied) == [3, 4]
    assert set(await dead_letters(fleet)) == {2}
    assert "events sent again" in said


async def test_a_new_broker_gets_what_was_on_its_way(
    fleet: Fleet, keeper_with_kafka: Keeper, own_broker: KafkaSettings, new_database: Callable[..., str]
) -> None:
    await backed_up(fleet)

    keeper_with_kafka.database = new_database()
    keeper_with_kafka.environment["ORRERY_KAFKA__BROKERS"] = own_broker.brokers
    await fleet.keep("restore", "latest")
    async with Kafka(own_broker) as kafka:
        fleet.kafka = kafka
        await fleet.send()
        await fleet.consume(3, 4)
        letters = await dead_letters(fleet)

    assert sorted(fleet.applied) == [3, 4]
    assert set(letters) == {2}


async def test_groups_that_somebody_consumes_for_are_named(
    fleet: Fleet, keeper_with_kafka: Keeper, new_database: Callable[..., str]
) -> None:
    """A process that is still there, though with another database."""
    await backed_up(fleet)

    async with fleet.consuming():
        await eventually(lambda: fleet.has_applied(3))
        keeper_with_kafka.database = new_database()
        answer = await asyncio.to_thread(keeper_with_kafka.say, "restore", "latest")

    assert answer.status == 1
    assert f"{fleet.group} consume" in answer.said
