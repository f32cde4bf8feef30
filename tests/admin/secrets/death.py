"""The end of a run in the middle: at a step that changes or reads the disk, chosen by its number."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}


class Killed(BaseException):
    """What nobody catches."""


class Death:
    """Waits at one step of whatever happens under a folder; the interpreter tells of each (PEP 578)."""

    def __init__(self) -> None:
        self._folder, self._left = "", 0
        sys.addaudithook(self._look)  # for good: a hook is never taken away

    @contextmanager
    def at(self, step: int, folder: Path) -> Iterator[None]:
        """Leave the block at this step, if it comes so far."""
        self._folder, self._left = str(folder), step
        try:
            with suppress(Killed):
                yield
        finally:
            self._folder = ""

    @property
    def came(self) -> bool:
        """Whether the last block was left by it."""
        return self._left < 0

    def _look(self, event: str, given: tuple[object, ...]) -> None:
        if not self._folder or event not in STEPS or not str(given[0]).startswith(self._folder):
            return
        self._left -= 1
        if self._left < 0:
            raise Killed
