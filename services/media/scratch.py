"""Folders for files at work, removed when the work ends; those of workers that were killed are removed by the next.

A folder's owner holds a file lock in it, which the kernel takes away when it dies, in whatever container it ran.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from libs.errors import Unavailable
from libs.telemetry import get_logger

log = get_logger(__name__)
PREFIX = "orrery-media-"
LOCK = "owner.lock"
SPARE_BYTES = 256 * 1024 * 1024
TIMES_THE_SOURCE = 3  # itself, and what is made of it


class NoRoom(Unavailable):
    """The disk is too full for now."""

    def __init__(self) -> None:
        super().__init__("There is no room to process this video now.")


class Scratch:
    """Working folders under one folder."""

    def __init__(self, base: Path) -> None:
        self._base = base

    @asynccontextmanager
    async def folder(self, source_bytes: int) -> AsyncIterator[Path]:
        """An empty folder with room for a source of this size and what is made of it; raises NoRoom, OSError."""
        await asyncio.to_thread(self.remove_abandoned)
        if shutil.disk_usage(self._base).free < TIMES_THE_SOURCE * source_bytes + SPARE_BYTES:
            raise NoRoom
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._base))
        try:
            with owned(made):
                yield made
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, made, ignore_errors=True))

    def remove_abandoned(self) -> None:
        """Remove the folders whose owners are dead."""
        for found in self._base.glob(f"{PREFIX}*"):
            if is_abandoned(found):
                shutil.rmtree(found, ignore_errors=True)
                log.info("scratch_removed", folder=found.name)


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the folder's lock."""
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def is_abandoned(folder: Path) -> bool:
    """Whether nobody holds the lock. A folder without one is being made or removed just now."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
