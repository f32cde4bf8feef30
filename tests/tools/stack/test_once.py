"""What is installed is made once and whole."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.stack.errors import StackError
from tools.stack.install.once import make_once, run


def test_many_who_ask_at_once_make_it_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def fill(draft: Path) -> None:
        made.append(draft)
        (draft / "program").write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: make_once(tmp_path / "tool-1", fill), range(8)))

    assert len(made) == 1
    assert (tmp_path / "tool-1" / "program").read_text() == "whole"


def test_a_failure_leaves_nothing_and_the_next_try_makes_it(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        (draft / "half").touch()
        raise StackError("No network.")

    with pytest.raises(StackError):
        make_once(tmp_path / "tool-1", fail)
    assert not (tmp_path / "tool-1").exists()

    make_once(tmp_path / "tool-1", lambda draft: (draft / "program").touch())
    assert [file.name for file in (tmp_path / "tool-1").iterdir()] == ["program"]


def test_a_failing_installer_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="Kafka could not be installed") as refused:
        run("Kafka", ["sh", "-c", "echo no route to host >&2; exit 3"], {}, "Is there a network?")

    assert refused.value.tail == "no route to host"
    assert refused.value.advice == "Is there a network?"
