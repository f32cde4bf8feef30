"""`status`: one line a process."""

import time
from collections.abc import Sequence

import psutil
from rich.console import Console
from rich.table import Table

from tools.stack.fleet import Service
from tools.stack.layout import Layout
from tools.stack.parts import Part
from tools.stack.start import surroundings

MEGABYTE = 1024 * 1024


def everything(layout: Layout) -> list[Part | Service]:
    """The parts that this stack starts itself, then the fleet."""
    parts = surroundings(layout).stores.own
    return [*parts, *(Service(one, layout.folder) for one in layout.deployables)]


def status(layout: Layout, console: Console) -> None:
    """Print name, process id, port, health, memory (its children's too) and age of each process."""
    table = Table("process", "pid", "port", "health", "MB", "up", box=None, header_style="bold", pad_edge=False)
    for one in everything(layout):
        table.add_row(*row(one))
    console.print(table)


def row(one: Part | Service) -> Sequence[str]:
    pid = one.process.pid
    if pid is None:
        return one.name, "", str(one.port), word(one), "", ""
    process = psutil.Process(pid)
    return one.name, str(pid), str(one.port), word(one), f"{memory(process)}", age(time.time() - process.create_time())


def word(one: Part | Service) -> str:
    """healthy, not ready, killed (it ended without being asked to), foreign (not ours, but it answers), or down."""
    if one.process.pid is not None:
        return "[green]healthy[/]" if one.is_healthy() else "[red]not ready[/]"
    if one.process.is_stale:
        return "[red]killed[/]"
    return "[yellow]foreign[/]" if one.replies() else "down"


def memory(process: psutil.Process) -> int:
    """Megabytes of the process and its children, pages that they share counted once where the system says so."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.AccessDenied:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return round(total / MEGABYTE)


def age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
