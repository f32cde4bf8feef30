"""Runs a module out of a copy of the code, and again whenever that changes:
`python -m libs.process.reload services.media`.

For development in a cluster, where an image's own files are read-only: skaffold puts changed files into the copy, on a
volume that outlives the container. The module's own lines stay as they are, its end ends this process.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

CODE = ("libs", "gen", "services", "gateway", "admin")
COPY = Path("/code")
PAUSE_SECONDS = 0.5
SIGNALLED = 128  # and the signal's number, as shells say it
Stamps = Mapping[Path, int]


class Reloader:
    """One module and its child process."""

    def __init__(self, module: str, copy: Path) -> None:
        self._module = module
        self._copy = copy
        self._is_ending = False
        signal.signal(signal.SIGTERM, self.end)  # before there is a child that nobody would end
        self._child = self._start()

    def run(self) -> int:
        """Until SIGTERM, which the child gets too: its exit status. A child that ends by itself waits for a change."""
        known = stamps(self._copy, self._module)
        while not self._is_ending:
            time.sleep(PAUSE_SECONDS)
            if (now := stamps(self._copy, self._module)) != known:
                known = settled(self._copy, self._module, now)
                self._restart()
        self._child.terminate()
        status = self._child.wait()
        return status if status >= 0 else SIGNALLED - status

    def end(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        self._is_ending = True

    def _restart(self) -> None:
        self._child.terminate()
        self._child.wait()
        if not self._is_ending:
            self._child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join([str(self._copy), str(self._copy / "gen")])
        environment = {**os.environ, "PYTHONPATH": paths}
        return subprocess.Popen([sys.executable, "-m", self._module], cwd=self._copy, env=environment)


def stamps(copy: Path, module: str) -> Stamps:
    """When each file that the module can load was last written."""
    return {path: written for folder in watched(module) for path, written in files(copy / folder)}


def watched(module: str) -> tuple[str, ...]:
    """The libraries and the module's own service."""
    return ("libs", "gen", "/".join(module.split(".")[:2]) if "." in module else module)


def files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Each file and when it was last written; files come and go meanwhile."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for path in (Path(parent, name) for name in names):
            with suppress(FileNotFoundError):
                found = path.stat()
                if stat.S_ISREG(found.st_mode):
                    yield path, found.st_mtime_ns


def settled(copy: Path, module: str, now: Stamps) -> Stamps:
    """The files once nothing more is written: several come at once."""
    while True:
        time.sleep(PAUSE_SECONDS / 2)
        after = stamps(copy, module)
        if after == now:
            return after
        now = after


def make_copy(source: Path, copy: Path) -> None:
    """Copy the code, unless it is there: a container that starts again keeps what was changed."""
    done = copy / ".copied"
    if done.exists():
        return
    for name in CODE:
        if (source / name).exists():
            shutil.copytree(source / name, copy / name, dirs_exist_ok=True)
    done.touch()


def end(*_: object) -> NoReturn:
    """Told to end while the code is copied: as the first process of a container nothing else would end it."""
    sys.exit(SIGNALLED + signal.SIGTERM)


def main(module: str, source: Path, copy: Path = COPY) -> int:
    signal.signal(signal.SIGTERM, end)
    make_copy(source, copy)
    return Reloader(module, copy).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path.cwd(), *map(Path, sys.argv[2:3])))
