"""Who still works in a directory."""

import asyncio
import os
from pathlib import Path


def at_work(directory: Path) -> list[int]:
    """The processes whose working directory is `directory` or lies under it, zombies not counted."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and works(entry, directory)]


def works(entry: Path, directory: Path) -> bool:
    try:
        return (entry / "cwd").readlink().is_relative_to(directory) and int(entry.name) != os.getpid()
    except OSError:
        return False


async def until_at_work(directory: Path) -> None:
    while not await looked(directory):
        pass


async def until_alone(directory: Path) -> None:
    while await looked(directory):
        pass


async def looked(directory: Path) -> list[int]:
    await asyncio.sleep(0.01)
    return at_work(directory)
