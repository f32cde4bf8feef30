"""A thumbnail shows something, if there is anything to be shown."""

from pathlib import Path

import pytest

from services.media.processing import Limits
from services.media.processing.probe import probe
from services.media.processing.thumbnail import thumbnail
from tests.services.media.processing.files import film
from tests.services.media.processing.test_pipeline import brightness, looked_at

BLACK_THEN_WHITE = "color=white:s={size}:r=5,drawbox=t=fill:c=black:enable='lt(t,{dark})'"


@pytest.mark.parametrize(("dark", "seconds"), [(2, 3), (40, 45)])
async def test_a_black_beginning_is_passed_over(dark: int, seconds: int, tmp_path: Path, limits: Limits) -> None:
    pictures = BLACK_THEN_WHITE.format(size="64x36", dark=dark)
    source = film(tmp_path / "dark.mp4", pictures, seconds=seconds, output=("-g", "10"))

    target = tmp_path / "thumbnail.jpg"
    await thumbnail(source, await probe(source, directory=tmp_path, limits=limits), target=target, limits=limits)

    assert brightness(target) > 200


async def test_a_black_video_has_a_black_thumbnail(tmp_path: Path, limits: Limits) -> None:
    source = film(tmp_path / "black.mp4", "color=black:s=64x36:r=5", seconds=1)

    target = tmp_path / "thumbnail.jpg"
    await thumbnail(source, await probe(source, directory=tmp_path, limits=limits), target=target, limits=limits)

    assert brightness(target) < 20


async def test_it_is_at_most_640_wide(tmp_path: Path, limits: Limits) -> None:
    source = film(tmp_path / "wide.mp4", "testsrc2=s=1280x720:r=5", seconds=0.4)

    target = tmp_path / "thumbnail.jpg"
    await thumbnail(source, await probe(source, directory=tmp_path, limits=limits), target=target, limits=limits)

    stream = looked_at(target)["streams"][0]
    assert (stream["width"], stream["height"]) == (640, 360)
