"""What is made of a good file."""

import asyncio
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.media.processing import Limits, Result, process
from tests.services.media.processing import files
from tests.services.media.processing.processes import at_work, until_at_work
from tools.sample_video import ffmpeg


@dataclass(frozen=True)
class Processed:
    result: Result
    folder: Path
    progress: list[tuple[str, float]]


@pytest.fixture(scope="module")
async def processed(sample: Path, limits: Limits, tmp_path_factory: pytest.TempPathFactory) -> Processed:
    folder, progress = tmp_path_factory.mktemp("processed"), list[tuple[str, float]]()
    result = await process(sample, folder, limits, lambda step, share: progress.append((step, share)))
    return Processed(result, folder, progress)


def looked_at(path: Path, *options: str) -> dict[str, Any]:
    """ffprobe's own view of a file, and a failure where it complains."""
    show = ("-show_entries", "stream=codec_type,codec_name,width,height:format=duration", "-of", "json")
    command = ["ffprobe", "-v", "error", *options, *show, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def brightness(path: Path) -> float:
    """A picture's mean luma, 0 to 255."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"]
    return float(subprocess.run(command, check=True, capture_output=True).stdout[0])


def test_the_facts_are_the_files(processed: Processed) -> None:
    probe = processed.result.probe

    assert (probe.width, probe.height, probe.rotation, probe.frame_rate) == (320, 180, 0, 25)
    assert (probe.container, probe.video_codec, probe.audio_codec, probe.has_audio) == ("mov", "h264", "aac", True)
    assert probe.duration_seconds == pytest.approx(6, abs=0.1)


def test_a_capture_stands_at_every_cut(processed: Processed) -> None:
    captures = processed.result.captures

    assert [moment.seconds for moment in captures] == pytest.approx([0, 2, 4], abs=0.3)
    assert [moment.path for moment in captures] == [f"captures/00000{number}.jpg" for number in (1, 2, 3)]
    for moment in captures:
        assert looked_at(processed.folder / moment.path)["streams"][0]["codec_name"] == "mjpeg"


def test_the_thumbnail_is_a_picture_that_is_not_black(processed: Processed) -> None:
    thumbnail = processed.folder / processed.result.thumbnail

    assert looked_at(thumbnail)["streams"][0] == {
        "codec_name": "mjpeg",
        "codec_type": "video",
        "width": 320,
        "height": 180,
    }
    assert brightness(thumbnail) > 40


def test_each_segment_of_sound_is_measured(processed: Processed) -> None:
    analyses = processed.result.analyses

    assert [(one["start"], one["end"]) for one in analyses] == [(0, 2), (2, 4), (4, 6)]
    assert [one["silence"] for one in analyses] == [False, True, True]
    assert -40 < analyses[0]["integratedLufs"] <= analyses[0]["momentaryMaxLufs"] < analyses[0]["peakDbfs"] < 0
    assert analyses[2] | {"start": 0, "end": 0} == {
        "start": 0,
        "end": 0,
        "integratedLufs": -70,
        "momentaryMaxLufs": -70,
        "peakDbfs": -70,
        "silence": True,
    }
    json.dumps(analyses, allow_nan=False)


def test_the_stream_plays_for_as_long_as_the_video(processed: Processed) -> None:
    master = processed.folder / processed.result.master_playlist

    seen = looked_at(master, "-allowed_extensions", "ALL")

    assert float(seen["format"]["duration"]) == pytest.approx(6, abs=0.2)
    assert {stream["codec_name"] for stream in seen["streams"]} == {"h264", "aac"}
    playing = ["ffmpeg", "-v", "error", "-i", str(processed.folder / processed.result.media_playlists[0])]
    played = subprocess.run([*playing, "-f", "null", "-"], check=True, capture_output=True)
    assert played.stderr == b""


def test_every_file_is_an_artifact_and_playlists_come_last(processed: Processed) -> None:
    artifacts = processed.result.artifacts

    on_disk = {
        path.relative_to(processed.folder).as_posix(): path.stat().st_size
        for path in processed.folder.rglob("*")
        if path.is_file()
    }
    assert {one.path: one.size for one in artifacts} == on_disk
    assert [one.path for one in artifacts][-2:] == ["hls/180p.m3u8", "hls/master.m3u8"]
    assert {one.content_type for one in artifacts} == {"image/jpeg", "video/mp4", "application/vnd.apple.mpegurl"}


def test_progress_rises_from_step_to_step_to_the_whole(processed: Processed) -> None:
    shares = [share for _, share in processed.progress]

    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(dict.fromkeys(step for step, _ in processed.progress)) == [
        "probe",
        "thumbnail",
        "captures",
        "loudness",
        "hls",
    ]


async def test_a_video_without_sound_has_a_stream_and_no_analyses(tmp_path: Path, limits: Limits) -> None:
    source = files.without_sound(tmp_path / "silent.mp4")

    result = await process(source, tmp_path, limits)

    assert (result.probe.has_audio, result.probe.audio_codec, result.analyses) == (False, None, ())
    seen = looked_at(tmp_path / result.master_playlist, "-allowed_extensions", "ALL")
    assert [stream["codec_type"] for stream in seen["streams"]] == ["video"]


async def test_a_turned_video_stands_upright(tmp_path: Path, limits: Limits) -> None:
    lying = files.film(tmp_path / "lying.mp4", "testsrc2=s=128x72:r=25")
    source = tmp_path / "turned.mp4"
    ffmpeg("-i", str(lying), "-c", "copy", "-metadata:s:v", "rotate=90", str(source))

    result = await process(source, tmp_path, limits)

    assert (result.probe.width, result.probe.height, result.probe.rotation) == (72, 128, 90)
    for made in (result.thumbnail, result.captures[0].path):
        stream = looked_at(tmp_path / made)["streams"][0]
        assert (stream["width"], stream["height"]) == (72, 128)
    stream = looked_at(tmp_path / result.master_playlist, "-allowed_extensions", "ALL")["streams"][0]
    assert (stream["width"], stream["height"]) == (72, 128)


@pytest.mark.parametrize("format_", ["matroska", "webm", "mpegts", "avi", "flv", "ogg"])
async def test_every_container_is_read(format_: str, tmp_path: Path, limits: Limits) -> None:
    codecs = {"webm": ("-c:v", "libvpx", "-cpu-used", "8"), "ogg": ("-c:v", "libtheora")}.get(format_, ())
    rate = ("-ar", "44100") if format_ == "flv" else ()
    source = files.film(tmp_path / "film", seconds=1, output=(*codecs, *rate, "-f", format_))

    result = await process(source, tmp_path, limits)

    assert result.probe.container == {"webm": "matroska"}.get(format_, format_)
    assert result.probe.duration_seconds == pytest.approx(1, abs=0.15)
    assert [moment.seconds for moment in result.captures] == pytest.approx([0], abs=0.1)
    assert len(result.analyses) == 1


async def test_two_at_once_do_not_meet(sample: Path, tmp_path: Path, limits: Limits) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()

    first, second = await asyncio.gather(*(process(sample, folder, limits) for folder in folders))

    assert (first.captures, first.analyses, first.probe) == (second.captures, second.analyses, second.probe)


async def test_cancelling_leaves_no_process(sample: Path, tmp_path: Path, limits: Limits) -> None:
    at_encoding = asyncio.Event()

    def told(step: str, share: float) -> None:
        if step == "loudness":
            at_encoding.set()

    working = asyncio.create_task(process(sample, tmp_path, limits, told))
    await at_encoding.wait()
    await until_at_work(tmp_path)

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert at_work(tmp_path) == []
