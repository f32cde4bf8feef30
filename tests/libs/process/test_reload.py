"""A process that is developed in a cluster, on a copy of its code."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from libs.process.reload import stamps

SAYS = "import pathlib, time\npathlib.Path('said').write_text({!r})\ntime.sleep(600)\n"
FAILS = "import pathlib\npathlib.Path('said').write_text('broken')\nimport nothing_like_it\n"
PATIENCE = 30.0


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image's folder with one service."""
    service = tmp_path / "image" / "services" / "star"
    service.mkdir(parents=True)
    (tmp_path / "image" / "services" / "__init__.py").touch()
    (service / "__init__.py").touch()
    (service / "__main__.py").write_text(SAYS.format("first"))
    return tmp_path / "image"


@pytest.fixture
def running(image: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with start(image, tmp_path / "code") as process:
        yield process
        process.terminate()


def start(image: Path, copy: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "libs.process.reload", "services.star", str(copy)]
    paths = os.pathsep.join([str(image), str(Path.cwd()), str(Path.cwd() / "gen")])
    return subprocess.Popen(program, cwd=image, env={**os.environ, "PYTHONPATH": paths})


def says(copy: Path, text: str) -> bool:
    """Whether the process in the copy comes to say this."""
    said, ends = copy / "said", time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if said.exists() and said.read_text() == text:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("running")
def test_a_changed_file_starts_the_module_again(tmp_path: Path) -> None:
    copy = tmp_path / "code"
    assert says(copy, "first")

    (copy / "services" / "star" / "__main__.py").write_text(SAYS.format("second"))

    assert says(copy, "second")


def test_code_that_does_not_run_waits_to_be_mended(running: subprocess.Popen[bytes], tmp_path: Path) -> None:
    copy = tmp_path / "code"
    assert says(copy, "first")

    (copy / "services" / "star" / "__main__.py").write_text(FAILS)
    assert says(copy, "broken")
    while [child.status() for child in psutil.Process(running.pid).children()] != [psutil.STATUS_ZOMBIE]:
        time.sleep(0.05)
    (copy / "services" / "star" / "__main__.py").write_text(SAYS.format("mended"))

    assert says(copy, "mended")


def test_its_end_ends_the_module(running: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert says(tmp_path / "code", "first")

    running.send_signal(signal.SIGTERM)

    assert running.wait(PATIENCE) == 128 + signal.SIGTERM


def test_it_ends_while_it_copies_the_code(image: Path, tmp_path: Path) -> None:
    master, terminal = os.openpty()  # whoever reads it waits
    (image / "services" / "star" / "endless").symlink_to(os.ttyname(terminal))
    with start(image, tmp_path / "code") as process:
        while not (tmp_path / "code" / "services" / "star" / "endless").exists():
            time.sleep(0.02)

        process.terminate()

        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    os.close(master)
    os.close(terminal)


def test_files_that_come_and_go_while_they_are_looked_at_are_passed_over(image: Path) -> None:
    stays = image / "services" / "star" / "__main__.py"
    with ThreadPoolExecutor(1) as thread:
        syncing = thread.submit(come_and_go, stays.parent)
        while not syncing.done():
            assert stays in stamps(image, "services.star")
        syncing.result()


def come_and_go(folder: Path) -> None:
    """As `kubectl cp` and editors write: a file of another name, which then has the right one, and is replaced."""
    for number in range(3000):
        (folder / f"new{number % 7}").touch()
        (folder / f"new{number % 7}").rename(folder / "settled")
        (folder / "settled").unlink()


def test_a_container_that_starts_again_keeps_what_was_changed(image: Path, tmp_path: Path) -> None:
    copy = tmp_path / "code"
    with start(image, copy) as first:
        assert says(copy, "first")
        (copy / "services" / "star" / "__main__.py").write_text(SAYS.format("changed"))
        first.terminate()
    (copy / "said").unlink()

    with start(image, copy) as second:
        assert says(copy, "changed")
        second.terminate()
