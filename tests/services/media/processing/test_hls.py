"""The ladder, and playlists that are signed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.media.processing import Limits, Probe, signed
from services.media.processing.hls import chosen, hls
from services.media.processing.pictures import fit
from services.media.processing.probe import probe
from tests.services.media.processing.files import film
from tests.services.media.processing.test_pipeline import looked_at

PLAYLIST = """#EXTM3U
#EXT-X-MAP:URI="360p_init.mp4"
#EXTINF:4.000000,
360p_00000.m4s
#EXT-X-ENDLIST
"""


def of_size(width: int, height: int) -> Probe:
    return Probe(
        duration_seconds=1,
        width=width,
        height=height,
        rotation=0,
        frame_rate=25,
        container="mov",
        video_codec="h264",
        audio_codec=None,
        video_stream=0,
        audio_stream=None,
    )


@pytest.mark.parametrize(
    ("size", "rungs"),
    [((1920, 1080), [720, 480, 360]), ((1080, 1920), [720, 480, 360]), ((640, 360), [360]), ((320, 180), [180])],
)
def test_no_rung_is_larger_than_the_source(size: tuple[int, int], rungs: list[int]) -> None:
    assert chosen(of_size(*size), 3) == rungs
    assert chosen(of_size(*size), 1) == rungs[:1]


async def test_a_ladder_has_a_playlist_for_each_rung(tmp_path: Path) -> None:
    limits = Limits(renditions=3)
    source = film(tmp_path / "film.mp4", "testsrc2=s=854x480:r=5", "sine=f=440", seconds=2)
    folder = tmp_path / "hls"
    folder.mkdir()

    found = await probe(source, directory=folder, limits=limits)
    names = await hls(source, found, directory=folder, limits=limits)

    assert names == ["480p.m3u8", "360p.m3u8"]
    sizes = [looked_at(folder / name, "-allowed_extensions", "ALL")["streams"][0]["height"] for name in names]
    assert sizes == [480, 360]
    assert (folder / "master.m3u8").read_text().splitlines().count("480p.m3u8") == 1
    assert {path.name for path in folder.glob("*init*")} == {"480p_init.mp4", "360p_init.mp4"}


async def test_odd_and_tiny_pictures_are_streamed(tmp_path: Path, limits: Limits) -> None:
    source = film(tmp_path / "odd.mkv", "testsrc2=s=101x37:r=5", seconds=1, output=("-c:v", "ffv1"))
    folder = tmp_path / "hls"
    folder.mkdir()

    found = await probe(source, directory=folder, limits=limits)
    names = await hls(source, found, directory=folder, limits=limits)

    stream = looked_at(folder / names[0], "-allowed_extensions", "ALL")["streams"][0]
    assert (stream["width"] % 2, stream["height"] % 2) == (0, 0)


def test_signing_touches_the_names_and_nothing_else() -> None:
    assert signed(PLAYLIST, lambda name: f"https://store/{name}?s=1").splitlines() == [
        "#EXTM3U",
        '#EXT-X-MAP:URI="https://store/360p_init.mp4?s=1"',
        "#EXTINF:4.000000,",
        "https://store/360p_00000.m4s?s=1",
        "#EXT-X-ENDLIST",
    ]


@given(st.integers(1, 8192), st.integers(1, 8192))
def test_a_fitted_size_is_even_and_within_its_bounds(width: int, height: int) -> None:
    fitted = fit(width, height, 720, 1440)

    assert all(side % 2 == 0 and side >= 16 for side in fitted)
    assert min(fitted) <= 720
    assert max(fitted) <= 1440
