"""Objects of deleted videos and uploads that nobody completed go away, and nothing else does."""

from pathlib import Path

import pytest
from orrery.media.v1 import videos_pb2 as pb
from sqlalchemy import text

from libs.blobs import BlobMissing, Blobs
from libs.database import SYSTEM, Database
from libs.errors import NotFound
from libs.jobs import defer
from services.media.videos.cleaning import CLEANING, REMOVE, SWEEP
from services.media.videos.keys import is_of_a_video
from tests.services.media.builders import Api, Studio, caller, column
from tests.services.media.conftest import eventually
from tests.services.media.videos.conftest import Works, deliver


async def stored(blobs: Blobs, key: str, file: Path) -> str:
    file.write_bytes(b"bytes")  # noqa: ASYNC240  # five bytes
    await blobs.upload(key, file, "application/octet-stream")
    return key


async def gone(blobs: Blobs, key: str) -> bool:
    try:
        await blobs.stat(key)
    except BlobMissing:
        return True
    return False


async def test_the_objects_of_a_deleted_video_are_removed_and_its_neighbours_stay(
    works: Works, studio: Studio, tmp_path: Path
) -> None:
    who = caller()
    first, second = await studio.ready(who), await studio.ready(who)
    keys = [
        await stored(works.blobs, f"{one.upload_path[:-6]}{name}", tmp_path / "file")
        for one in (first, second)
        for name in ("source", "derived/1-0/hls/a.m4s")
    ]

    await works.api(pb.DeleteVideoRequest(video_id=first.video_id), who)
    await deliver(works.database)
    async with works.open():
        await eventually(lambda: gone(works.blobs, keys[0]))
        await eventually(lambda: gone(works.blobs, keys[1]))

    assert [await gone(works.blobs, key) for key in keys] == [True, True, False, False]


async def test_removal_is_repeated_when_no_upload_url_is_good_any_more(works: Works, studio: Studio) -> None:
    who = caller()
    video = await studio.uploading(who)

    await works.api(pb.DeleteVideoRequest(video_id=video.video_id), who)
    await deliver(works.database)

    query = (
        "SELECT scheduled_at IS NULL OR scheduled_at < now() + interval '1 hour' FROM procrastinate_jobs"
        " WHERE args #>> '{payload,prefix}' = :prefix ORDER BY id"
    )
    assert await column(works.database, query, prefix=video.upload_path.removesuffix("source")) == [True, False]


async def test_an_upload_of_yesterday_that_was_never_completed_is_swept(
    api: Api, works: Works, studio: Studio, database: Database
) -> None:
    who = caller()
    old, young, done = await studio.uploading(who), await studio.uploading(who), await studio.ready(who)
    async with database.transaction(SYSTEM) as session:
        age = "UPDATE video_metadata SET created_at = now() - interval '25 hours' WHERE video_id IN (:old, :done)"
        await session.execute(text(age), {"old": old.video_id, "done": done.video_id})

    async with database.transaction() as session:
        await defer(session, SWEEP, {}, queue=CLEANING)
    async with works.open():
        await eventually(lambda: swept(api, who, old.video_id))

    kept = (await api(pb.ListVideosRequest(), who)).videos
    assert [video.video_id for video in kept] == [done.video_id, young.video_id]


async def swept(api: Api, who: object, video_id: int) -> bool:
    try:
        await api(pb.GetVideoRequest(video_id=video_id), who)  # type: ignore[arg-type]  # an identity
    except NotFound:
        return True
    return False


@pytest.mark.parametrize("prefix", ["", "/", "org/", "6f1c2f7e-8f0a-4f6f-9a51-0d6f3a1c9b11/", "../1/2/", "a/1/2/"])
async def test_a_prefix_that_is_not_one_videos_is_never_removed(works: Works, database: Database, prefix: str) -> None:
    async with database.transaction(SYSTEM) as session:
        job_id = await defer(session, REMOVE, {"prefix": prefix}, queue=CLEANING)

    async with works.open():
        ended = await eventually(lambda: status(database, job_id))

    assert ended == "failed"
    assert not is_of_a_video(prefix)


async def status(database: Database, job_id: int | None) -> str:
    query = "SELECT status::text FROM procrastinate_jobs WHERE id = :id AND status IN ('succeeded', 'failed')"
    return "".join(await column(database, query, id=job_id))
