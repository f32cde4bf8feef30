"""Runs ffmpeg and ffprobe on files that strangers made.

Enforced on each run: CPU, memory and file size by the kernel, wall time and the directory's total size from here; no
network, no capabilities, an empty environment, a session of its own. When `run` returns or raises, for whatever
cause (cancellation too), no process of it is left; if this process is killed, the kernel kills the tool.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE

from services.media.processing.errors import (
    DiskFull,
    Interrupted,
    Killed,
    SourceUnreadable,
    TooDemanding,
    TookTooLong,
    TooMuchMemory,
    TooMuchOutput,
    Unusable,
)
from services.media.processing.isolation import isolation
from services.media.processing.limits import Bounds
from services.media.processing.lines import CHUNK, Fold, each_line, ignore, reader

COMPLAINT_BYTES = 16384
WATCH_SECONDS = 0.5

Cause = type[Unusable] | type[Interrupted]
CAUSES_BY_CODE: dict[int, Cause] = {
    -signal.SIGXCPU: TooDemanding,
    255: TooDemanding,  # ffmpeg caught a signal; the only one it gets is SIGXCPU
    123: TooDemanding,  # ffmpeg caught more than three
    -signal.SIGXFSZ: TooMuchOutput,
}
CAUSES_BY_WORDS: dict[str, Cause] = {
    "Permission denied": SourceUnreadable,
    "No space left on device": DiskFull,
    "File too large": TooMuchOutput,
    "Cannot allocate memory": TooMuchMemory,
    "malloc of size": TooMuchMemory,  # x264's words for it
}


@dataclass(slots=True)
class Outcome:
    """How a run ended: the exit code, and the end of what the tool said on standard error."""

    code: int = 0
    complaint: str = ""


@dataclass(slots=True)
class Run:
    """One tool at work, and the cause for which we ended it, if we did."""

    process: Process
    directory: Path
    bounds: Bounds
    cause: Cause | None = None
    said: bytearray = field(default_factory=bytearray)

    async def finish(self, fold: Fold) -> Outcome:
        watch, listen = asyncio.create_task(self.watch()), asyncio.create_task(self.listen())
        try:
            async with asyncio.timeout(self.bounds.wall_seconds):
                await each_line(self.process.stdout, fold)
                await asyncio.wait([listen])
                await self.process.wait()
        except TimeoutError:
            self.cause = TookTooLong
        finally:
            watch.cancel()
            self.kill()
            await each_line(self.process.stdout, ignore)  # wait() needs both pipes drained
            await asyncio.gather(watch, listen, return_exceptions=True)
            await self.process.wait()
        return Outcome(self.process.returncode or 0, self.said.decode(errors="replace"))

    async def listen(self) -> None:
        """Keep the end of standard error, however much there is."""
        while chunk := await reader(self.process.stderr).read(CHUNK):
            self.said += chunk
            del self.said[:-COMPLAINT_BYTES]

    async def watch(self) -> None:
        """End the run when its directory holds too much; each file alone is the kernel's to stop."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if await asyncio.to_thread(size, self.directory) > self.bounds.output_bytes:
                self.cause = TooMuchOutput
                self.kill()
                return

    def kill(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


async def run(command: Sequence[str], *, directory: Path, bounds: Bounds, fold: Fold = ignore) -> Outcome:
    """Run a tool in `directory` and hand each line of its standard output to `fold`.

    Raises TooDemanding, TooMuchMemory, TooMuchOutput, TookTooLong, DiskFull or Killed for the bound that ended it,
    SourceUnreadable, ToolMissing, and whatever `fold` raises. Any other exit, good or bad, is an Outcome.
    """
    launched = isolation().command(command, bounds)
    process = await asyncio.create_subprocess_exec(
        *launched,
        cwd=directory,
        env=environment(directory),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    running = Run(process, directory, bounds)
    outcome = await running.finish(fold)
    if cause := running.cause or told(outcome):
        raise cause(outcome.complaint)
    return outcome


def environment(directory: Path) -> dict[str, str]:
    """Nothing of ours; one malloc arena per two threads keeps the address space small."""
    return {"LC_ALL": "C.UTF-8", "HOME": str(directory), "TMPDIR": str(directory), "MALLOC_ARENA_MAX": "2"}


def told(outcome: Outcome) -> Cause | None:
    """Which bound a bad exit tells of."""
    if outcome.code == 0:
        return None
    by_words = next((cause for words, cause in CAUSES_BY_WORDS.items() if words in outcome.complaint), None)
    return CAUSES_BY_CODE.get(outcome.code) or by_words or (Killed if outcome.code < 0 else None)


def size(directory: Path) -> int:
    """Bytes of all files under `directory`; files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 (a hot loop over segments)
    return total
