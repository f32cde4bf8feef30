"""A person whom auth has erased leaves no video."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator

import pytest
from orrery.auth.privacy.v1.events_pb2 import AccountErased

from libs.database import Database
from libs.jobs import Worker
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.settings import KafkaSettings
from services.media.people.consumers import erasure_consumer, forgetting_task
from services.media.videos.cleaning import CLEANING
from tests.services.media.builders import Studio, caller, column, events
from tests.services.media.conftest import eventually, running

TOPIC = AccountErased.DESCRIPTOR.file.package


@pytest.fixture(scope="module")
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as opened:
        await opened.ensure_topics([TOPIC])
        yield opened


def erased(user_id: int) -> Record:
    event = AccountErased(user_id=user_id, id=str(uuid.uuid4()))
    now = dt.datetime.now(dt.UTC)
    envelope = Envelope(str(uuid.uuid4()), event.DESCRIPTOR.full_name, "auth", TOPIC, str(user_id), now)
    return Record(TOPIC, str(user_id).encode(), to_json(event), envelope.headers())


async def test_all_videos_of_an_erased_person_are_deleted_and_no_other(
    studio: Studio, database: Database, kafka: Kafka
) -> None:
    gone, other = caller(), caller()
    theirs = [await studio.ready(gone), await studio.processing(gone), await studio.uploading(gone)]
    kept = await studio.ready(other)
    worker = Worker(database, forgetting_task(database), queues=[CLEANING])

    async with running(erasure_consumer(database, kafka), worker):
        await kafka.send([erased(gone.user_id)])
        await eventually(lambda: is_gone(database, gone.user_id))

    assert [(await events(database, one.video_id))[-1] for one in theirs] == ["VideoDeleted"] * 3
    assert await column(database, "SELECT video_id FROM video_metadata WHERE user_id = :id", id=other.user_id) == [
        kept.video_id
    ]
    for table in ("video_capture_log", "audio_analysis"):
        query = f"SELECT count(*) FROM {table} WHERE video_id = :id"  # noqa: S608  # both stand above
        assert await column(database, query, id=theirs[0].video_id) == [0]


async def is_gone(database: Database, user_id: int) -> bool:
    return await column(database, "SELECT count(*) FROM video_metadata WHERE user_id = :id", id=user_id) == [0]
