import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.module_names import RULE


@pytest.mark.parametrize(
    "path", ["libs/utils/text.py", "services/media/helpers.py", "gateway/core/app.py", "tests/base.py"]
)
def test_a_name_without_meaning_is_refused(report: Report, path: str) -> None:
    lines = report(RULE, {path: ""})

    assert len(lines) == 1
    assert lines[0].startswith(f"{path}:1 module-names — ")


def test_names_with_a_meaning_are_fine(report: Report) -> None:
    assert report(RULE, dict.fromkeys(("libs/blobs/keys.py", "third_party/common/any.py"), "")) == []
