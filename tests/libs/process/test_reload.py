"""A process that is developed in a cluster, on a copy of its code."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SAYS = "import pathlib, time\npathlib.Path('said').write_text({!r})\ntime.sleep(600)\n"
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


@pytest.mark.usefixtures("running")
def test_code_that_does_not_run_waits_to_be_mended(tmp_path: Path) -> None:
    copy = tmp_path / "code"
    assert says(copy, "first")

    (copy / "services" / "star" / "__main__.py").write_text("import nothing_like_it\n")
    time.sleep(2)
    (copy / "services" / "star" / "__main__.py").write_text(SAYS.format("mended"))

    assert says(copy, "mended")


def test_its_end_ends_the_module(running: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert says(tmp_path / "code", "first")

    running.send_signal(signal.SIGTERM)

    assert running.wait(PATIENCE) == 128 + signal.SIGTERM


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
