"""No bound of a run can be passed, and no run leaves a process."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from services.media.processing.errors import (
    DiskFull,
    SourceUnreadable,
    TooDemanding,
    TookTooLong,
    ToolMissing,
    TooMuchMemory,
    TooMuchOutput,
)
from services.media.processing.isolation import isolation
from services.media.processing.limits import GIBIBYTE, MEBIBYTE, Bounds
from services.media.processing.sandbox import run
from tests.services.media.processing.processes import at_work, until_alone, until_at_work

ENDLESS = ("ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-")
BURNING = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "mandelbrot=s=320x180", "-f", "null", "-")


def bounds(cpu: int = 10, wall: float = 30, memory: int = 2 * GIBIBYTE, output: int = MEBIBYTE) -> Bounds:
    return Bounds(cpu_seconds=cpu, wall_seconds=wall, memory_bytes=memory, output_bytes=output)


async def test_computing_time_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(TooDemanding):
        await run(BURNING, directory=tmp_path, bounds=bounds(cpu=1))

    assert at_work(tmp_path) == []


async def test_computing_time_of_a_tool_that_catches_nothing_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(TooDemanding):
        await run(("sh", "-c", "while :; do :; done"), directory=tmp_path, bounds=bounds(cpu=1))

    assert at_work(tmp_path) == []


async def test_wall_time_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(TookTooLong):
        await run(ENDLESS, directory=tmp_path, bounds=bounds(wall=0.5))

    assert at_work(tmp_path) == []


async def test_memory_is_bounded(tmp_path: Path) -> None:
    large = (
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "color=s=8192x8192",
        "-vf",
        "format=rgb48",
        "-frames:v",
        "1",
        "-f",
        "null",
        "-",
    )

    with pytest.raises(TooMuchMemory):
        await run(large, directory=tmp_path, bounds=bounds(memory=GIBIBYTE // 2))


async def test_one_large_file_is_bounded(tmp_path: Path) -> None:
    large = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=640x360:d=60", "-f", "rawvideo", "large")

    with pytest.raises(TooMuchOutput):
        await run(large, directory=tmp_path, bounds=bounds())

    assert (tmp_path / "large").stat().st_size <= MEBIBYTE


async def test_many_small_files_are_bounded(tmp_path: Path) -> None:
    many = ("ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=100", "%06d.bmp")

    with pytest.raises(TooMuchOutput):
        await run(many, directory=tmp_path, bounds=bounds())

    assert at_work(tmp_path) == []


async def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    writing = ("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=d=1", "-f", "rawvideo", "/dev/full")

    with pytest.raises(DiskFull):
        await run(writing, directory=tmp_path, bounds=bounds())


async def test_a_file_of_another_user_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch(mode=0o000)

    with pytest.raises(SourceUnreadable):
        await run(("ffprobe", "-v", "error", "film.mp4"), directory=tmp_path, bounds=bounds())


async def test_complaints_are_kept_to_their_end(tmp_path: Path) -> None:
    shouting = ("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 3")

    outcome = await run(shouting, directory=tmp_path, bounds=bounds())

    assert (outcome.code, len(outcome.complaint)) == (3, 16384)
    assert outcome.complaint.endswith("xend\n")


async def test_cancelling_ends_the_tool(tmp_path: Path) -> None:
    running = asyncio.create_task(run(ENDLESS, directory=tmp_path, bounds=bounds()))
    await until_at_work(tmp_path)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert at_work(tmp_path) == []


async def test_cancelling_before_the_tool_runs_leaves_none(tmp_path: Path) -> None:
    for turns in range(0, 30, 2):
        running = asyncio.create_task(run(ENDLESS, directory=tmp_path, bounds=bounds()))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        assert at_work(tmp_path) == []


async def test_a_reader_that_fails_ends_the_tool(tmp_path: Path) -> None:
    def refuse(line: bytes) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="y"):
        await run(("yes",), directory=tmp_path, bounds=bounds(), fold=refuse)

    assert at_work(tmp_path) == []


@pytest.mark.parametrize("later", [0, 0.005, 0.1])
async def test_a_killed_worker_takes_its_tool_along(later: float, tmp_path: Path) -> None:
    """Also one that is killed before the tool has begun."""
    program = (
        "import asyncio, pathlib; from services.media.processing.sandbox import run;"
        "from services.media.processing.limits import Bounds;"
        f"asyncio.run(run({ENDLESS!r}, directory=pathlib.Path({str(tmp_path)!r}), bounds=Bounds(60, 60, 1 << 31, 1)))"
    )
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env={"PYTHONPATH": ".", **os.environ})
    await until_at_work(tmp_path)
    await asyncio.sleep(later)

    worker.send_signal(signal.SIGKILL)
    assert await worker.wait() == -signal.SIGKILL

    await until_alone(tmp_path)


async def test_the_tool_inherits_no_secrets_and_no_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_BLOBS__SECRET_KEY", "made-for-tests")
    said: list[str] = []

    for command in (("env",), ("cat", "/proc/self/status")):
        await run(command, directory=tmp_path, bounds=bounds(), fold=lambda line: said.append(line.decode()))

    names = {line.partition("=")[0] for line in said if "=" in line}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"HOME", "LC_ALL", "MALLOC_ARENA_MAX", "TMPDIR"}
    assert "CapEff:\t0000000000000000" in said
    assert "NoNewPrivs:\t1" in said


async def test_the_tool_reaches_no_network(tmp_path: Path) -> None:
    if not isolation().network_cut:
        pytest.skip("this machine permits no network namespaces")
    callers: list[str] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append("somebody")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        calling = ("ffprobe", "-v", "error", f"http://127.0.0.1:{port}/film.mp4")
        outcome = await run(calling, directory=tmp_path, bounds=bounds())
        with contextlib.closing((await asyncio.open_connection("127.0.0.1", port))[1]):
            await asyncio.sleep(0.05)

    assert outcome.code != 0
    assert callers == ["somebody"]


async def test_a_missing_tool_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as missing:
        await run(("ffnothing",), directory=tmp_path, bounds=bounds())

    assert "apt-get install ffmpeg" in missing.value.complaint
