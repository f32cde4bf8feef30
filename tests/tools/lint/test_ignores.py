import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.ignores import RULE


@pytest.mark.parametrize(
    ("comment", "sentence"),
    [
        ("# noqa", "name the code"),
        ("# type: ignore", "name the code"),
        ("# noqa: S608", "give the reason"),
        ("# type: ignore[operator]", "give the reason"),
        ("# type: ignore[operator]  # noqa: S608", "give the reason"),
    ],
)
def test_an_ignore_without_code_or_reason_is_refused(report: Report, comment: str, sentence: str) -> None:
    lines = report(RULE, {"libs/a.py": f"x = 1  {comment}\n"})

    assert lines
    assert all(line.startswith(f"libs/a.py:1 ignore-with-reason — {sentence}") for line in lines)


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: S608  # a constant",
        "# noqa: S608, PLR0913  # a constant",
        "# type: ignore[operator]  # a timestamptz",
        "# noqa: PTH118 (a hot loop)",
    ],
)
def test_code_and_reason_are_enough(report: Report, comment: str) -> None:
    assert report(RULE, {"libs/a.py": f"x = 1  {comment}\n"}) == []


def test_a_hash_inside_a_string_is_no_comment(report: Report) -> None:
    assert report(RULE, {"libs/a.py": "x = '# noqa'\n"}) == []
