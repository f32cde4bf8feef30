"""Whatever is uploaded, the owner learns what is wrong with it, and nothing of it is half-visible."""

from collections.abc import Callable
from pathlib import Path

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.errors import Conflict
from tests.services.media.builders import caller, column, events
from tests.services.media.processing import files
from tests.services.media.videos.conftest import Works

BAD = {
    files.text: "not a video",
    files.noise: "not a video",
    files.picture: "not a video",
    files.hls_playlist: "not a video",
    files.sound_only: "no moving picture",
    files.index_cut_off: "no index",
    files.end_cut_off: "ends before",
    files.three_hour_header: "ends before",
    files.pixel_flood: "too large",
    files.undecodable: "damaged",
}


@pytest.mark.parametrize(("make", "words"), BAD.items(), ids=[make.__name__ for make in BAD])
async def test_a_bad_file_fails_with_a_reason(
    works: Works, tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    who = caller()

    video = await works.processed(make(tmp_path / "bad.mp4"), who)

    assert video.status == "failed"
    assert words in video.failure_reason
    assert not video.HasField("thumbnail_url")
    assert not video.HasField("stream_url")
    assert not (await works.api(pb.ListCapturesRequest(video_id=video.video_id), who)).captures
    with pytest.raises(Conflict, match="cannot be watched"):
        await works.api(pb.GetPlaylistRequest(video_id=video.video_id), who)
    assert (await events(works.database, video.video_id))[-1] == "VideoFailed"


async def test_a_final_refusal_is_not_tried_again(works: Works, tmp_path: Path) -> None:
    video = await works.processed(files.text(tmp_path / "bad.mp4"), caller())

    query = "SELECT attempts FROM procrastinate_jobs WHERE args #>> '{payload,video_id}' = :id"
    assert await column(works.database, query, id=str(video.video_id)) == [1]


async def test_a_file_replaced_after_completion_is_refused(works: Works, tmp_path: Path) -> None:
    who, file = caller(), files.whole(tmp_path / "film.mp4")
    video_id = await works.api.upload(file, who)
    swapped = tmp_path / "other.mp4"
    swapped.write_bytes(bytes(file.stat().st_size))
    await works.blobs.upload(f"{who.organization_id}/{who.user_id}/{video_id}/source", swapped, "video/mp4")

    video = await works.finished(video_id, who)

    assert video.status == "failed"
    assert "replaced" in video.failure_reason


async def test_a_file_that_is_gone_is_said_to_be(works: Works, tmp_path: Path) -> None:
    who = caller()
    video_id = await works.api.upload(files.whole(tmp_path / "film.mp4"), who)
    await works.blobs.remove_prefix(f"{who.organization_id}/{who.user_id}/{video_id}/")

    video = await works.finished(video_id, who)

    assert video.status == "failed"
    assert "no longer there" in video.failure_reason
