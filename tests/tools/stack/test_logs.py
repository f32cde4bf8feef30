"""Logs stay of a size that fits a disk and a screen."""

from pathlib import Path

import pytest

from tools.stack import logs
from tools.stack.errors import StackError


@pytest.fixture
def large(folder: Path) -> Path:
    log = logs.path(folder, "media")
    log.parent.mkdir()
    log.write_bytes(b"an old line\n" * (logs.LARGEST // 12 + 1) + b"the last line\n")
    return log


def test_a_large_log_is_moved_aside_before_its_process_starts(large: Path) -> None:
    logs.rotate(large)

    assert not large.exists()
    assert large.with_suffix(".log.1").stat().st_size > logs.LARGEST


def test_a_large_log_of_a_running_process_is_cut_and_written_on(large: Path) -> None:
    with large.open("ab", buffering=0) as process:
        logs.cut(large)
        process.write(b"and on\n")

    assert large.stat().st_size < logs.LARGEST
    assert logs.tail(large, 2) == "the last line\nand on"


def test_a_small_log_is_left_alone(folder: Path) -> None:
    log = logs.path(folder, "media")
    log.parent.mkdir()
    log.write_text("one\ntwo\n")

    logs.rotate(log)
    logs.cut(log)

    assert logs.tail(log, 10) == "one\ntwo"


def test_what_is_appended_is_followed_even_when_the_log_begins_anew(folder: Path) -> None:
    log = logs.path(folder, "media")
    log.parent.mkdir()
    log.write_text("before\n")
    seen = logs.appended(log)

    with log.open("a") as process:
        process.write("appended\n")
    appended = next(seen)
    log.write_text("anew\n")
    anew = next(seen)

    assert (appended, anew) == ("appended\n", "anew\n")


def test_a_name_without_a_log_is_refused_and_the_others_are_named(large: Path, folder: Path) -> None:
    with pytest.raises(StackError, match="medai has no log") as refused:
        logs.show(folder, "medai", 10, follow=False)

    assert refused.value.advice == "There are: media."
