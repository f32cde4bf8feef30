"""Facts come from what is there."""

from pathlib import Path

import pytest

from services.media.processing import Limits
from services.media.processing.containers import container
from services.media.processing.errors import NotVideo
from services.media.processing.packets import Packets
from services.media.processing.probe import probe
from tests.services.media.processing.files import film
from tools.sample_video import ffmpeg


async def test_the_length_is_known_without_a_header_that_says_it(tmp_path: Path, limits: Limits) -> None:
    source = film(tmp_path / "live.webm", seconds=2, output=("-c:v", "libvpx", "-cpu-used", "8", "-live", "1"))

    found = await probe(source, directory=tmp_path, limits=limits)

    assert found.duration_seconds == pytest.approx(2, abs=0.1)


async def test_the_size_is_what_a_viewer_sees(tmp_path: Path, limits: Limits) -> None:
    source = film(tmp_path / "wide.mp4", "testsrc2=s=64x64:r=5,setsar=2/1", seconds=0.4)

    found = await probe(source, directory=tmp_path, limits=limits)

    assert (found.width, found.height) == (128, 64)


async def test_a_stream_of_subtitles_is_no_obstacle(tmp_path: Path, limits: Limits) -> None:
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:00,500\nHello\n")
    plain = film(tmp_path / "plain.mp4")
    source = tmp_path / "subtitled.mp4"
    ffmpeg("-i", str(plain), "-i", str(tmp_path / "words.srt"), "-c", "copy", "-c:s", "mov_text", str(source))

    found = await probe(source, directory=tmp_path, limits=limits)

    assert (found.video_stream, found.audio_stream) == (0, 1)


def test_one_packet_counts_for_a_minute_at_most() -> None:
    packets = Packets(0)

    for line in (b"0,0.0,0.0,0.04", b"1,N/A,0.5,N/A", b"0,1.0,1.0,10800.0", b"", b"side data"):
        packets.add(line)

    assert (packets.pictures, packets.end) == (2, 61)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x00\x00\x00\x18ftypisom", "mov"),
        (b"\x00\x00\x00\x08wide\x00\x00", "mov"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"FLV\x01\x05", "flv"),
        (b"OggS\x00\x02", "ogg"),
        (b"xy" + (b"G" + bytes(187)) * 5, "mpegts"),
        ((bytes(4) + b"G" + bytes(187)) * 5, "mpegts"),
    ],
)
def test_a_container_is_known_by_its_first_bytes(head: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(head)

    assert container(tmp_path / "file") == name


@pytest.mark.parametrize(
    "head", [b"\x00\x00\x00\x1cftypavif", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"GGGG", b"ID3\x04", b"\n"]
)
def test_what_is_no_video_container_is_refused(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(head)

    with pytest.raises(NotVideo):
        container(tmp_path / "file")
