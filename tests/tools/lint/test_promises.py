import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.promises import RULE


@pytest.mark.parametrize("word", ["TODO", "FIXME"])
def test_a_promise_without_an_issue_is_refused(report: Report, word: str) -> None:
    lines = report(RULE, {"charts/service/values.yaml": f"a: 1\nb: 2 # {word}: check permissions\n"})

    assert lines == [
        f"charts/service/values.yaml:2 no-naked-promises — {word} without an issue; do it now, or write {word}(#12)."
    ]


def test_a_promise_with_its_issue_is_kept(report: Report) -> None:
    assert report(RULE, {"libs/a.py": "x = 1  # TODO(#12): drop with the old column\n"}) == []
