"""ReprocessVideo."""

import asyncio

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.database import Database
from libs.errors import NotFound
from services.media.videos import operations
from tests.services.media.builders import Api, Studio, caller, events


async def test_a_failed_video_is_processed_again(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.processing(who)
    async with database.transaction(who) as session:
        await operations.fail(session, made.video_id, "The disk was full.")

    answers = await asyncio.gather(*(api(pb.ReprocessVideoRequest(video_id=made.video_id), who) for _ in range(5)))

    assert {answer.video.status for answer in answers} == {"processing"}
    assert not any(answer.video.HasField("failure_reason") for answer in answers)
    assert (await events(database, made.video_id))[-2:] == ["VideoFailed", "VideoUploaded"]


async def test_a_video_that_has_not_failed_stays_as_it_is(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.ready(who)
    before = await events(database, made.video_id)

    answer = await api(pb.ReprocessVideoRequest(video_id=made.video_id), who)

    assert answer.video.status == "ready"
    assert await events(database, made.video_id) == before


async def test_a_strangers_video_is_not_found(api: Api, studio: Studio) -> None:
    made = await studio.processing(caller())

    with pytest.raises(NotFound):
        await api(pb.ReprocessVideoRequest(video_id=made.video_id), caller())
