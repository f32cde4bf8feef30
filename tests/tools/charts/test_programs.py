"""The programs that the charts are checked with."""

import pytest

from tools.charts.programs import Refused, run
from tools.stack.layout import VERSIONS


def test_helm_says_its_version() -> None:
    """Charts may ask for one, and `go install` alone would leave it unknown."""
    assert run("helm", "version", "--short").startswith(VERSIONS["helm"])


def test_what_a_program_refuses_is_said_whole() -> None:
    with pytest.raises(Refused, match="unknown command"):
        run("helm", "instal")
