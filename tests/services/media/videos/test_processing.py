"""An uploaded file becomes a video that can be watched, on two kinds of object stores."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.settings import BlobSettings
from tests.conftest import blobs_of
from tests.services.media.builders import caller, column, events, get
from tests.services.media.processing.files import spoken_sample, without_sound
from tests.services.media.videos.conftest import Works
from tools.stack import parts

JPEG = b"\xff\xd8\xff"


@pytest.fixture(scope="module", params=[parts.Versitygw, parts.Rclone], ids=["versitygw", "rclone"])
def blob_settings(request: pytest.FixtureRequest) -> Iterator[BlobSettings]:
    with request.param.ephemeral() as server:
        yield blobs_of(server)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken_sample(tmp_path_factory.mktemp("films") / "film.mp4")


async def test_a_film_becomes_metadata_pictures_sound_levels_and_a_stream(works: Works, film: Path) -> None:
    who = caller()

    video = await works.processed(film, who)

    captures = (await works.api(pb.ListCapturesRequest(video_id=video.video_id), who)).captures
    analyses = (await works.api(pb.ListAudioAnalysesRequest(video_id=video.video_id), who)).analyses
    assert (video.status, video.width, video.height) == ("ready", 320, 180)
    assert video.duration == pytest.approx(6, abs=0.2)
    assert [round(one.timestamp) for one in captures] == [0, 2, 4]
    assert [one.segment_index for one in analyses] == [0, 1, 2]
    assert json.loads(analyses[0].features.json)["silence"] is False
    for url in (video.thumbnail_url, *(one.image_url for one in captures)):
        assert (await get(url)).content.startswith(JPEG)
    assert (await events(works.database, video.video_id))[-1] == "VideoReady"
    assert not list(works.scratch.iterdir())


async def test_the_playlist_plays_by_its_signed_urls_alone(works: Works, film: Path, tmp_path: Path) -> None:
    who = caller()
    video = await works.processed(film, who)

    playlist = (await works.api(pb.GetPlaylistRequest(video_id=video.video_id), who)).playlist
    again = (await works.api(pb.GetPlaylistRequest(video_id=video.video_id), who)).playlist

    addresses = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    assert playlist == again
    assert all("X-Amz-Signature=" in address for address in addresses)
    assert 'URI="http://' in playlist
    file = tmp_path / "stream.m3u8"
    file.write_text(playlist)
    played = json.loads(probe(file))
    assert {stream["codec_type"] for stream in played["streams"]} == {"video", "audio"}
    assert int(played["streams"][0]["nb_read_packets"]) == 150
    assert float(played["format"]["duration"]) == pytest.approx(6, abs=0.3)


def probe(playlist: Path) -> str:
    """What ffprobe says of a stream, having read all of it."""
    command = ["ffprobe", "-v", "error", "-protocol_whitelist", "file,http,tcp", "-allowed_extensions", "ALL"]
    shown = ["-count_packets", "-show_entries", "stream=codec_type,nb_read_packets:format=duration", "-of", "json"]
    direct = {"PATH": os.environ["PATH"]}  # a proxy of this machine knows nothing of the test's object store
    return subprocess.run(
        [*command, *shown, str(playlist)], check=True, capture_output=True, text=True, env=direct
    ).stdout


async def test_a_video_without_sound_is_ready_and_has_no_analyses(works: Works, tmp_path: Path) -> None:
    who = caller()

    video = await works.processed(without_sound(tmp_path / "silent.mp4"), who)

    assert video.status == "ready"
    assert not (await works.api(pb.ListAudioAnalysesRequest(video_id=video.video_id), who)).analyses
    assert (await works.api(pb.GetPlaylistRequest(video_id=video.video_id), who)).playlist.startswith("#EXTM3U")


async def test_the_row_tells_whole_seconds_too(works: Works, film: Path) -> None:
    video = await works.processed(film, caller())

    query = "SELECT duration_seconds FROM video_metadata WHERE video_id = :id"
    seconds = "SELECT timestamp_seconds FROM video_capture_log WHERE video_id = :id ORDER BY 1"
    assert await column(works.database, query, id=video.video_id) == [6]
    assert await column(works.database, seconds, id=video.video_id) == [0, 2, 4]
