"""CPU seconds of processes, from /proc: user and system time of all their threads and of children they waited for."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
UTIME, STIME, CUTIME, CSTIME = 11, 12, 13, 14  # positions after the command's closing bracket, proc(5)


def cpu_seconds(pid: int) -> float:
    """What the process, its living descendants and the ones it buried have used."""
    return sum(own_seconds(one) for one in [pid, *descendants(pid)])


def own_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(fields[position]) for position in (UTIME, STIME, CUTIME, CSTIME)) / TICKS


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found
