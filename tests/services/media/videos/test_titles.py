"""Titles."""

import pytest

from services.media.videos.titles import cleaned, title_of


@pytest.mark.parametrize(("filename", "title"), [("a/b/c.mp4", "c.mp4"), ("x" * 300, "x" * 255), (" .mp4. ", "mp4")])
def test_a_title_is_the_last_part_and_at_most_as_long_as_its_column(filename: str, title: str) -> None:
    assert title_of(filename) == title


def test_letters_of_all_scripts_stay() -> None:
    family = "👩\u200d👩\u200d👧"  # joined by characters that are not seen, and one picture only with them

    assert cleaned(family) == family
    assert cleaned("é") == "é"
