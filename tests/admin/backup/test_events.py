"""After a restore each event of the backup's moment takes effect once, and none of a later time does.

At the moment of the backup there are four kinds: sent and applied, sent and not yet applied, still in the outbox, and
put aside as a dead letter. Whatever is sent afterwards belongs to a time that the restored database does not know.
"""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

import pytest
from orrery.media.videos.v1.events_pb2 import VideoDeleted
from pydantic import SecretStr
from sqlalchemy import text

from admin.backup.kafka import patiently
from admin.backup.kafka.positions import edges, offsets, partitions_of
from libs import outbox
from libs.database import SYSTEM, Database, Session, Tenant
from libs.inbox import Consumer
from libs.inbox.letters import Heap, waiting
from libs.kafka import Kafka, KafkaAway
from libs.outbox import Relay
from libs.settings import DatabaseSettings, KafkaSettings
from tests.admin.backup.keeper import Keeper
from tests.libs.ledger import waiting as staged
from tests.libs.waiting import eventually, running
from tools.stack import parts

WHO = Tenant(7, str(uuid.uuid4()))
TOPIC = VideoDeleted.DESCRIPTOR.file.package
MOST = 10  # videos of one test
EFFECT = text("""
INSERT INTO video_metadata (user_id, title, upload_path, organization_id, size_bytes, content_type)
VALUES (:video, :group, '', CAST(:by AS uuid), 0, 'video/mp4')
""")

pytestmark = pytest.mark.timeout(240)  # a second broker is started, on a machine that may be busy


class Fleet:
    """Media's relay and a consumer of its events, on the database that the keeper looks at.

    Videos are numbered from 1 and have ids of their own: earlier tests' events are in the topic too.
    """

    def __init__(self, keeper: Keeper, kafka: Kafka) -> None:
        self._keeper, self.kafka = keeper, kafka
        self._first = secrets.randbelow(2**48)
        self.group = f"test-{uuid.uuid4().hex[:8]}"
        self.poison = 0

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        dsn = self._keeper.postgres.dsn(user="media_app", database=self._keeper.database)
        async with Database(DatabaseSettings(dsn=SecretStr(dsn), pool_size=3)) as database:
            yield database

    async def stage(self, *videos: int) -> None:
        """Leave an event of each in the outbox."""
        async with self.database() as database, database.transaction(SYSTEM) as session:
            for video in videos:
                event = VideoDeleted(video_id=self._first + video)
                outbox.publish(session, event, key=str(event.video_id), by=WHO)

    async def send(self, *videos: int) -> None:
        """Until the outbox is empty."""
        await self.stage(*videos)
        async with self.database() as database, running(Relay(database, self.kafka, service="media", schema="media")):
            await eventually(lambda: is_sent(database))

    async def consume(self) -> None:
        """Until nothing is left to be consumed."""
        async with self.consuming():
            await eventually(self.is_done)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[None]:
        async with self.database() as database:
            consumer = Consumer(database, self.kafka, group=self.group, handlers={VideoDeleted: self.apply})
            async with running(consumer):
                yield

    async def is_done(self) -> bool:
        """Whether the group has committed all that is in the topic."""
        try:
            async with self.kafka.administering() as admin:
                at = await offsets(admin, self.group)
                partitions = await partitions_of(admin, [TOPIC])
            starts, ends = await edges(self.kafka, partitions)
        except KafkaAway:  # busy
            return False
        return bool(partitions) and all(at.get(one, starts[one]) == ends[one] for one in partitions)

    async def apply(self, session: Session, event: VideoDeleted) -> None:
        await session.execute(EFFECT, {"group": self.group, "video": event.video_id, "by": WHO.organization_id})
        if event.video_id - self._first == self.poison:
            raise ValueError("cannot be applied")

    def effects(self) -> list[int]:
        """The videos whose event took effect, each as often as it did."""
        found = self._keeper.ask("SELECT user_id FROM media.video_metadata WHERE title = %s", self.group)
        return sorted(self._own(video for (video,) in found))

    async def dead_letters(self) -> set[int]:
        """The videos whose event was put aside."""
        found = await patiently(lambda: waiting(self.kafka, Heap(TOPIC, self.group)))
        return set(self._own(int(letter.key) for letter in found if letter.key.isdigit()))

    def _own(self, videos: Iterable[int]) -> Iterator[int]:
        return (video - self._first for video in videos if 0 < video - self._first < MOST)

    async def keep(self, *arguments: str) -> str:
        return await asyncio.to_thread(self._keeper.do, *arguments)


async def is_sent(database: Database) -> bool:
    return await staged(database) == 0


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
    fleet.poison = 2
    await fleet.send(1, 2)
    await fleet.consume()
    await fleet.send(3)
    await fleet.stage(4)

    await fleet.keep("create")

    await fleet.send(5, 6)
    assert fleet.effects() == [1]


async def test_each_event_of_that_moment_takes_effect_once_and_no_later_one(
    fleet: Fleet, keeper_with_kafka: Keeper, new_database: Callable[..., str]
) -> None:
    await backed_up(fleet)

    keeper_with_kafka.database = new_database()
    said = await fleet.keep("restore", "latest")
    await fleet.send()  # the outbox as it was
    await fleet.consume()

    assert fleet.effects() == [1, 3, 4]
    assert await fleet.dead_letters() == {2}
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
        await fleet.consume()
        letters = await fleet.dead_letters()

    assert fleet.effects() == [1, 3, 4]
    assert letters == {2}


async def test_groups_that_somebody_consumes_for_are_named(
    fleet: Fleet, keeper_with_kafka: Keeper, new_database: Callable[..., str]
) -> None:
    """A process that is still there, though with another database."""
    await backed_up(fleet)

    async with fleet.consuming():
        await eventually(fleet.is_done)
        keeper_with_kafka.database = new_database()
        answer = await asyncio.to_thread(keeper_with_kafka.say, "restore", "latest")

    assert answer.status == 1
    assert f"{fleet.group} consume" in answer.said
