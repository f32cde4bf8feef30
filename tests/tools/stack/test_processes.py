"""Recorded processes: found again, ended for sure, and never taken for another."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tools.stack.processes import BOOT, Managed, Record, started

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)",
]


@pytest.fixture
def managed(folder: Path) -> Managed:
    return Managed("one", folder)


def wait_for_log(managed: Managed) -> str:
    while not (text := managed.log.read_text()):
        pass
    return text


def test_a_process_is_found_again_by_its_record(managed: Managed, folder: Path) -> None:
    managed.spawn(SLEEP, os.environ, folder=folder)

    again = Managed("one", folder)

    assert again.pid == managed.pid
    assert again.pid is not None
    assert os.getsid(again.pid) == again.pid  # its terminal's end does not reach it
    assert again.end()
    assert again.pid is None
    assert not again.end()


def test_a_killed_process_is_noticed(managed: Managed, folder: Path) -> None:
    managed.spawn(SLEEP, os.environ, folder=folder)
    pid = managed.pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=5)

    assert managed.pid is None
    assert managed.is_stale


def test_a_number_that_belongs_to_another_by_now_is_never_killed(managed: Managed) -> None:
    other = subprocess.Popen(SLEEP, start_new_session=True)
    managed.record_file.parent.mkdir()

    managed._write(Record(other.pid, started(other.pid) - 1, BOOT, SLEEP))
    ended = managed.end()

    assert not ended
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_record_of_another_boot_is_only_a_memory(managed: Managed) -> None:
    other = subprocess.Popen(SLEEP, start_new_session=True)
    managed.record_file.parent.mkdir()

    managed._write(Record(other.pid, started(other.pid), "another boot", SLEEP))

    assert managed.pid is None
    assert not managed.end()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_who_does_not_listen_is_killed(managed: Managed, folder: Path) -> None:
    managed.spawn(STUBBORN, os.environ, folder=folder)
    wait_for_log(managed)

    assert managed.end([(signal.SIGTERM, 0.1), (signal.SIGKILL, 5)])

    assert managed.pid is None


def test_what_a_killed_process_left_behind_is_ended_too(managed: Managed, folder: Path) -> None:
    managed.spawn(PARENT, os.environ, folder=folder)
    child = psutil.Process(int(wait_for_log(managed)))
    pid = managed.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    managed.end()

    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
