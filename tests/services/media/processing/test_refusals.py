"""Each bad file is refused with a sentence for its owner, and nothing is made of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.media.processing import Interrupted, Limits, Unusable, process
from services.media.processing.errors import (
    Damaged,
    Empty,
    IndexMissing,
    NoPicture,
    NotVideo,
    TooLong,
    TooManyFrames,
    TooManyPixels,
    Truncated,
    UnknownCodec,
)
from tests.services.media.processing import files
from tests.services.media.processing.processes import at_work

BAD: list[tuple[Callable[[Path], Path], type[Unusable], str]] = [
    (files.empty, Empty, "0 bytes"),
    (files.text, NotVideo, "not a video"),
    (files.noise, NotVideo, "not a video"),
    (files.mp4_of_noise, IndexMissing, "no index"),
    (files.picture, NotVideo, "not a video"),
    (files.svg, NotVideo, "not a video"),
    (files.hls_playlist, NotVideo, "not a video"),
    (files.concat_playlist, NotVideo, "not a video"),
    (files.dash_manifest, NotVideo, "not a video"),
    (files.sound_only, NoPicture, "only sound"),
    (files.sound_with_cover, NoPicture, "only sound"),
    (files.index_cut_off, IndexMissing, "no index"),
    (files.end_cut_off, Truncated, "of 10 s"),
    (files.matroska_cut_off, Truncated, "of 10 s"),
    (files.three_hour_header, Truncated, "1 s of 10800 s"),
    (files.three_hour_matroska, Truncated, "1 s of 10800 s"),
    (files.pixel_flood, TooManyPixels, "65520x65520"),
    (files.flooding_jpeg, Damaged, "damaged"),
    (files.undecodable, Damaged, "damaged"),
    (files.foreign_codec, UnknownCodec, "gif"),
]


@pytest.mark.parametrize(("make", "refusal", "words"), BAD, ids=[make.__name__ for make, _, _ in BAD])
async def test_a_bad_file_is_refused_in_words(
    make: Callable[[Path], Path], refusal: type[Unusable], words: str, tmp_path: Path, limits: Limits
) -> None:
    source = make(tmp_path / "upload.mp4")
    workdir = tmp_path / "work"
    workdir.mkdir()

    with pytest.raises(Unusable) as refused:
        await process(source, workdir, limits)

    assert type(refused.value) is refusal
    assert words in str(refused.value)
    assert not [path for path in workdir.rglob("*") if path.is_file()]
    assert at_work(workdir) == []


async def test_a_name_says_nothing_about_the_file(tmp_path: Path, limits: Limits) -> None:
    source = files.whole(tmp_path / "upload.mp4").rename(tmp_path / "%03d.m3u8")

    result = await process(source, tmp_path, limits)

    assert result.probe.container == "mov"


async def test_a_video_longer_than_allowed_is_refused(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(TooLong, match="at most"):
        await process(sample, tmp_path, Limits(seconds=5))


async def test_too_many_pictures_a_second_are_refused(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(TooManyFrames, match="25"):
        await process(sample, tmp_path, Limits(frame_rate=20))


async def test_a_missing_source_is_no_fault_of_the_owner(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(FileNotFoundError):
        await process(tmp_path / "gone.mp4", tmp_path, limits)


def test_every_reason_has_its_own_name_and_a_sentence() -> None:
    refusals = [*Unusable.__subclasses__(), *Interrupted.__subclasses__()]

    reasons = {refusal.__name__ for refusal in refusals}

    assert len(reasons) == len(refusals)
    assert NotVideo().reason == "NOT_VIDEO"
    assert str(Empty()).endswith(".")
