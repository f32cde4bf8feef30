"""`make check`: one line a check, output only of those that fail."""

import subprocess
import sys

import pytest

from tools.check import CHECKS, Outcome, show


def test_a_passing_check_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(Outcome("types", 1.25, is_passed=True, output="Success"))

    assert capsys.readouterr().out == "ok    types          1.2 s\n"


def test_a_failing_check_shows_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    show(Outcome("types", 1.25, is_passed=False, output="a.py:1 error\n"))

    assert capsys.readouterr().out == "FAIL  types          1.2 s\na.py:1 error\n\n"


def test_a_name_that_is_no_check_is_refused_with_those_there_are() -> None:
    done = subprocess.run([sys.executable, "-m", "tools.check", "typos"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.strip() == f"no check is called typos; there are {', '.join(CHECKS)}"
