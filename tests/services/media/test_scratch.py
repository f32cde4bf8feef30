"""Working folders."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.media.scratch import NoRoom, Scratch

HOLD = """
import asyncio, sys
from pathlib import Path
from services.media.scratch import Scratch

async def hold():
    async with Scratch(Path(sys.argv[1])).folder(1) as folder:
        print(folder, flush=True)
        await asyncio.sleep(3600)

asyncio.run(hold())
"""


async def test_a_folder_is_gone_when_the_work_ends_well_or_badly(tmp_path: Path) -> None:
    async def work() -> None:
        async with Scratch(tmp_path).folder(1) as folder:
            (folder / "deep").mkdir()
            (folder / "deep" / "file").write_bytes(b"x")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  # raised just above
        await work()

    assert is_empty(tmp_path)


async def test_what_a_killed_worker_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    with holding(tmp_path) as (victim, dead), holding(tmp_path) as (_, alive):
        victim.kill()
        victim.wait(timeout=10)

        async with Scratch(tmp_path).folder(1):
            seen = [dead.exists(), alive.exists()]

    assert seen == [False, True]


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


@contextmanager
def holding(base: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process with a folder of its own; killed in the end."""
    command = [sys.executable, "-c", HOLD, str(base)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ".:gen"}) as holder:
        assert holder.stdout
        yield holder, Path(holder.stdout.readline().strip())
        holder.kill()


async def test_a_video_that_the_disk_cannot_hold_waits(tmp_path: Path) -> None:
    with pytest.raises(NoRoom):
        async with Scratch(tmp_path).folder(1 << 60):
            raise AssertionError
