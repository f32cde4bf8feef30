"""One log file a process under `logs/`; a large one is moved aside when its process starts, and cut while it runs."""

import time
from collections.abc import Iterator
from pathlib import Path

from tools.stack.errors import StackError

LARGEST = 20 * 1024 * 1024  # bytes


def path(folder: Path, name: str) -> Path:
    return folder / "logs" / f"{name}.log"


def rotate(log: Path) -> None:
    """Keep one predecessor (`.1`) of a log that has grown too large; for a process that is about to start."""
    if log.exists() and log.stat().st_size > LARGEST:
        log.replace(log.with_suffix(".log.1"))


def cut(log: Path) -> None:
    """Keep the newest tenth of a log that has grown too large; its process writes on, for it appends."""
    if log.exists() and log.stat().st_size > LARGEST:
        newest = log.read_bytes()[-LARGEST // 10 :]
        log.write_bytes(newest)


def tail(log: Path, lines: int) -> str:
    """The last lines, at most 200 kB of them; empty when there is no log."""
    if not log.exists():
        return ""
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - 200_000))
        return "\n".join(opened.read().decode(errors="replace").splitlines()[-lines:])


def show(folder: Path, name: str, lines: int, *, follow: bool) -> None:
    """Print the end of one log, or ten lines of each; raises StackError for a name that has none."""
    found = [path(folder, name)] if name else sorted((folder / "logs").glob("*.log"))
    if name and not found[0].exists():
        there = ", ".join(log.stem for log in sorted((folder / "logs").glob("*.log")))
        raise StackError(f"{name} has no log.", f"There are: {there}." if there else "Nothing was started yet: make up")
    for log in found:
        print(tail(log, lines) if name else f"== {log.stem}\n{tail(log, 10)}\n")
    if follow and name:
        for added in appended(found[0]):
            print(added, end="", flush=True)


def appended(log: Path) -> Iterator[str]:
    """What is appended from now on, for ever; goes on when the log is cut or begun anew."""
    return appended_after(log, size_of(log))


def appended_after(log: Path, place: int) -> Iterator[str]:
    while True:
        size = size_of(log)
        if size < place:
            place = 0
        if size > place:
            with log.open("rb") as opened:
                opened.seek(place)
                added = opened.read()
            place += len(added)
            yield added.decode(errors="replace")
        time.sleep(0.2)


def size_of(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
