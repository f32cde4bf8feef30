"""DeleteVideo."""

import pytest
from orrery.media.v1 import videos_pb2 as pb
from orrery.media.videos.v1 import events_pb2

from libs.database import Database
from libs.errors import Forbidden, NotFound
from tests.services.media.builders import Api, Studio, caller, column, events

CHILDREN = ("video_capture_log", "audio_analysis", "video_subtitle", "subtitle_translation_log")


async def test_a_deleted_video_is_gone_with_all_that_belongs_to_it(
    api: Api, studio: Studio, database: Database
) -> None:
    who = caller()
    made, other = await studio.ready(who), await studio.ready(who)

    answer = await api(pb.DeleteVideoRequest(video_id=made.video_id), who)

    assert answer.success
    for table in CHILDREN:
        query = f"SELECT video_id FROM {table} WHERE video_id = :id"  # noqa: S608  # one of four names
        assert await column(database, query, id=made.video_id) == []
    with pytest.raises(NotFound):
        await api(pb.GetVideoRequest(video_id=made.video_id), who)
    assert (await api(pb.GetVideoRequest(video_id=other.video_id), who)).video.status == "ready"


async def test_the_event_names_the_prefix_of_its_objects(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.processing(who)

    await api(pb.DeleteVideoRequest(video_id=made.video_id), who)

    payloads = await column(
        database, "SELECT payload FROM outbox WHERE key = :key ORDER BY position DESC LIMIT 1", key=str(made.video_id)
    )
    event = events_pb2.VideoDeleted.FromString(payloads[0])
    assert (await events(database, made.video_id))[-1] == "VideoDeleted"
    assert event.prefix == f"{who.organization_id}/{who.user_id}/{made.video_id}/"


async def test_deleting_twice_is_not_found_and_silent(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.uploading(who)
    await api(pb.DeleteVideoRequest(video_id=made.video_id), who)

    with pytest.raises(NotFound):
        await api(pb.DeleteVideoRequest(video_id=made.video_id), who)

    assert (await events(database, made.video_id)).count("VideoDeleted") == 1


async def test_only_the_owner_deletes_a_video(api: Api, studio: Studio) -> None:
    owner = caller()
    shared, public = (
        await studio.ready(owner, visibility="organization"),
        await studio.ready(owner, visibility="public"),
    )

    with pytest.raises(Forbidden):
        await api(pb.DeleteVideoRequest(video_id=shared.video_id), caller(owner.organization_id))
    for video in (shared, public):
        with pytest.raises(NotFound):
            await api(pb.DeleteVideoRequest(video_id=video.video_id), caller())

    assert (await api(pb.GetVideoRequest(video_id=shared.video_id), owner)).video.status == "ready"
