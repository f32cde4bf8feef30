"""CompleteUpload."""

import asyncio

import httpx
import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.database import Database
from libs.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.services.media.builders import Api, Studio, caller, events, put

STARTED, UPLOADED = "VideoUploadStarted", "VideoUploaded"


def init(size: int = 5) -> pb.InitUploadRequest:
    return pb.InitUploadRequest(filename="film.mp4", content_type="video/mp4", size=size)


def complete(video_id: int) -> pb.CompleteUploadRequest:
    return pb.CompleteUploadRequest(video_id=video_id)


async def test_processing_begins_when_the_file_is_there(api: Api, database: Database) -> None:
    who = caller()
    begun = await api(init(), who)
    await put(begun.upload_url, b"video")

    answer = await api(complete(begun.video_id), who)

    assert answer.success
    assert (await api(pb.GetVideoRequest(video_id=begun.video_id), who)).video.status == "processing"
    assert await events(database, begun.video_id) == [STARTED, UPLOADED]


async def test_without_the_file_it_is_refused_and_can_be_mended(api: Api, database: Database) -> None:
    who = caller()
    begun = await api(init(), who)

    with pytest.raises(Conflict, match="PUT it to the upload URL first") as refused:
        await api(complete(begun.video_id), who)
    await put(begun.upload_url, b"video")
    await api(complete(begun.video_id), who)

    assert refused.value.reason == "FILE_MISSING"
    assert await events(database, begun.video_id) == [STARTED, UPLOADED]


@pytest.mark.parametrize("content", [b"", b"vide", b"video!"])
async def test_another_size_than_announced_is_refused_and_can_be_mended(
    api: Api, database: Database, content: bytes
) -> None:
    who = caller()
    begun = await api(init(size=5), who)
    assert await put(begun.upload_url, content) == httpx.codes.OK

    with pytest.raises(Invalid, match=f"has {len(content)} bytes, and 5 were announced") as refused:
        await api(complete(begun.video_id), who)
    still = (await api(pb.GetVideoRequest(video_id=begun.video_id), who)).video.status
    await put(begun.upload_url, b"video")
    await api(complete(begun.video_id), who)

    assert refused.value.reason == "SIZE_MISMATCH"
    assert still == "uploading"
    assert await events(database, begun.video_id) == [STARTED, UPLOADED]


async def test_saying_it_many_times_at_once_begins_processing_once(api: Api, database: Database) -> None:
    who = caller()
    begun = await api(init(), who)
    await put(begun.upload_url, b"video")

    answers = await asyncio.gather(*(api(complete(begun.video_id), who) for _ in range(12)))

    assert [answer.success for answer in answers] == [True] * 12
    assert await events(database, begun.video_id) == [STARTED, UPLOADED]


async def test_saying_it_of_a_finished_video_changes_nothing(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    video = await studio.ready(who)
    before = await events(database, video.video_id)

    answer = await api(complete(video.video_id), who)

    assert answer.success
    assert (await api(pb.GetVideoRequest(video_id=video.video_id), who)).video.status == "ready"
    assert await events(database, video.video_id) == before


async def test_while_the_store_is_away_nothing_changes(api: Api, api_without_store: Api, database: Database) -> None:
    who = caller()
    begun = await api(init(), who)
    await put(begun.upload_url, b"video")

    with pytest.raises(Unavailable):
        await api_without_store(complete(begun.video_id), who)
    between = (await api(pb.GetVideoRequest(video_id=begun.video_id), who)).video.status
    await api(complete(begun.video_id), who)

    assert between == "uploading"
    assert await events(database, begun.video_id) == [STARTED, UPLOADED]


async def test_only_the_owner_completes_an_upload(api: Api, studio: Studio) -> None:
    owner = caller()
    private, colleague = await studio.uploading(owner), caller(owner.organization_id)
    shared = await studio.ready(owner, visibility="organization")
    public = await studio.ready(owner, visibility="public")

    with pytest.raises(NotFound):
        await api(complete(private.video_id), colleague)
    with pytest.raises(Forbidden):
        await api(complete(shared.video_id), colleague)
    for video in (private, shared, public):
        with pytest.raises(NotFound):
            await api(complete(video.video_id), caller())


async def test_an_unknown_video_is_not_found(api: Api) -> None:
    with pytest.raises(NotFound) as refused:
        await api(complete(987_654_321), caller())

    assert refused.value.reason == "VIDEO_NOT_FOUND"
