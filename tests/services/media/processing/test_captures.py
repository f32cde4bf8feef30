"""Captures are bounded whatever the film does."""

from pathlib import Path

from services.media.processing import Limits
from services.media.processing.captures import Capture, captures, keep
from services.media.processing.probe import probe
from tests.services.media.processing.files import film

STROBE = "color=white:s=64x36:r=10:d=8,drawbox=t=fill:c=black:enable='mod(floor(t/0.2),2)'"


async def test_a_strobe_gives_no_more_captures_than_allowed(tmp_path: Path) -> None:
    limits = Limits(captures=5)
    source = film(tmp_path / "strobe.mp4", STROBE, seconds=8)
    folder = tmp_path / "captures"
    folder.mkdir()

    found = await captures(
        source, await probe(source, directory=folder, limits=limits), directory=folder, limits=limits
    )

    assert [one.path.name for one in found] == [f"00000{number}.jpg" for number in range(1, 6)]
    assert sorted(folder.iterdir()) == [one.path for one in found]
    assert (found[0].seconds, found[-1].seconds > 6) == (0, True)


def test_thinning_keeps_the_first_the_last_and_an_even_choice(tmp_path: Path) -> None:
    taken = [Capture(number, tmp_path / f"{number:06d}.jpg") for number in range(1, 102)]
    for capture in taken:
        capture.path.write_text(str(capture.seconds))

    kept = keep(taken, 5)

    assert [one.seconds for one in kept] == [1, 26, 51, 76, 101]
    assert [one.path.read_text() for one in kept] == ["1", "26", "51", "76", "101"]
    assert len(list(tmp_path.iterdir())) == 5


def test_few_captures_are_all_kept(tmp_path: Path) -> None:
    (tmp_path / "000001.jpg").write_text("")

    kept = keep([Capture(0.0, tmp_path / "000001.jpg")], 200)

    assert [one.path.name for one in kept] == ["000001.jpg"]
