"""From a call to the queue by way of the outbox, the broker and the inbox: each event once, whatever is delivered."""

import uuid
from collections.abc import AsyncIterator

import pytest
from orrery.media.v1 import videos_pb2 as pb
from orrery.media.videos.v1 import events_pb2
from sqlalchemy import select

from libs.database import SYSTEM, Database
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.outbox import OutboxRow, Relay
from libs.settings import KafkaSettings
from services.media.videos.consumers import videos_consumer
from tests.services.media.builders import Api, Studio, caller, column
from tests.services.media.conftest import eventually, running

MARKER = "seen-after/"
JOBS = "SELECT args::text FROM procrastinate_jobs WHERE task_name = :task ORDER BY id"


@pytest.fixture(scope="module")
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as opened:
        yield opened


async def jobs(database: Database, task: str, mark: str) -> list[str]:
    return [args for args in await column(database, JOBS, task=task) if mark in args]


async def test_a_completed_upload_becomes_one_job_though_its_event_comes_twice(
    studio: Studio, database: Database, kafka: Kafka
) -> None:
    who = caller()
    video = await studio.processing(who)
    async with database.transaction(SYSTEM) as session:
        rows = list(await session.scalars(select(OutboxRow).where(OutboxRow.key == str(video.video_id))))

    async with running(Relay(database, kafka, service="media", schema="media"), videos_consumer(database, kafka)):
        mark = f'"video_id": {video.video_id}}}'
        await eventually(lambda: jobs(database, "process_video", mark))
        await kafka.send([*(again(row) for row in rows), after(rows[-1])])
        await eventually(lambda: jobs(database, "remove_objects", MARKER))  # of the same key: the others came before

    (args,) = await jobs(database, "process_video", mark)
    assert f'"user_id": {who.user_id}' in args
    assert who.organization_id in args
    assert "req-of-the-test" in args


def again(row: OutboxRow) -> Record:
    """The record that the relay made of a row, under the same id."""
    kinds = {kind.DESCRIPTOR.full_name: kind for kind in (events_pb2.VideoUploadStarted, events_pb2.VideoUploaded)}
    envelope = Envelope(
        id=str(row.event_id),
        type=row.type,
        source="media",
        topic=row.topic,
        key=row.key,
        time=row.created_at,
        user_id=row.user_id,
        organization_id=row.organization_id,
        request_id=row.request_id,
    )
    event = kinds[row.type].FromString(row.payload)
    return Record(row.topic, row.key.encode(), to_json(event), envelope.headers())


def after(row: OutboxRow) -> Record:
    """A record of the same key that nobody has seen, whose job shows that those before it were consumed."""
    deleted = events_pb2.VideoDeleted(video_id=int(row.key), user_id=row.user_id, prefix=MARKER)
    envelope = Envelope(
        id=str(uuid.uuid4()),
        type=deleted.DESCRIPTOR.full_name,
        source="media",
        topic=row.topic,
        key=row.key,
        time=row.created_at,
        user_id=row.user_id,
        organization_id=row.organization_id,
    )
    return Record(row.topic, row.key.encode(), to_json(deleted), envelope.headers())


async def test_a_deleted_video_becomes_two_removals(api: Api, studio: Studio, database: Database, kafka: Kafka) -> None:
    who = caller()
    video = await studio.uploading(who)

    await api(pb.DeleteVideoRequest(video_id=video.video_id), who)
    async with running(Relay(database, kafka, service="media", schema="media"), videos_consumer(database, kafka)):
        await eventually(lambda: jobs(database, "remove_objects", video.upload_path.removesuffix("source")))

    assert len(await jobs(database, "remove_objects", video.upload_path.removesuffix("source"))) == 2
