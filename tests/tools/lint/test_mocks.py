import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.mocks import RULE


@pytest.mark.parametrize(
    "text",
    [
        "from unittest import mock\n",
        "from unittest.mock import MagicMock\n",
        "def test_a(mocker): ...\n",
        "def test_a(monkeypatch): monkeypatch.setattr('a.b', 1)\n",
    ],
)
def test_patching_is_refused(report: Report, text: str) -> None:
    lines = report(RULE, {"tests/services/media/test_a.py": text})

    assert len(lines) == 1
    assert lines[0].startswith("tests/services/media/test_a.py:1 no-mocks — ")


def test_setting_the_environment_is_fine(report: Report) -> None:
    text = "def test_a(monkeypatch): monkeypatch.setenv('ORRERY_LIMIT', '1')\n"

    assert report(RULE, {"tests/libs/settings/test_a.py": text}) == []
