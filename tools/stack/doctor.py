"""`doctor`: what is wrong on this machine, and what to do about each thing in one line."""

import hashlib
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from rich.console import Console

from tools.stack import ports, schemas
from tools.stack.environment import Surroundings
from tools.stack.errors import StackError
from tools.stack.install import apt, maven
from tools.stack.layout import ROOT, SETTINGS, Layout
from tools.stack.start import surroundings
from tools.stack.status import everything

GIGABYTE = 1024**3
LEAST_DISK, LEAST_MEMORY = 2 * GIGABYTE, GIGABYTE
CLOCK_SLACK = 120  # seconds


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and what to do."""

    sentence: str
    advice: str


def examine(layout: Layout, console: Console) -> int:
    """Print every finding; 1 when there is one, else 0."""
    told = surroundings(layout)
    found = [finding for check in CHECKS for finding in check(told)]
    for finding in found:
        console.print(f"[red]✗[/] {finding.sentence}\n    {finding.advice}", highlight=False)
    if not found:
        console.print("[green]✓[/] Nothing is wrong.")
    return 1 if found else 0


def tools(told: Surroundings) -> Iterator[Finding]:
    for command, package in SETTINGS["debian"].items():
        if not apt.is_there(command):
            yield Finding(f"{command} is missing.", f"apt-get install -y --no-install-recommends {package}")
    if not maven.jars().exists() and not apt.is_there("mvn"):
        yield Finding("Kafka is not installed and Maven, which fetches it, is missing.", "apt-get install -y maven")
    try:
        maven.java()
    except StackError as missing:
        yield Finding(str(missing), missing.advice)


def packages(told: Surroundings) -> Iterator[Finding]:
    stamp = Path(sys.prefix) / ".lock-digest"
    lock = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text().strip() != lock:
        yield Finding("The Python packages are not those of uv.lock.", "make up")


def space(told: Surroundings) -> Iterator[Finding]:
    free = shutil.disk_usage(told.layout.folder).free
    if free < LEAST_DISK:
        yield Finding(
            f"{free / GIGABYTE:.1f} GB of disk are free; Kafka and PostgreSQL stop when it is full.",
            f"Free some, or make reset; what lies there: du -sh {told.layout.folder}/*",
        )
    memory = psutil.virtual_memory().available
    if memory < LEAST_MEMORY:
        yield Finding(f"{memory / GIGABYTE:.1f} GB of memory are free.", "End something, or make down elsewhere.")


def taken_ports(told: Surroundings) -> Iterator[Finding]:
    names = {one.name: one for one in everything(told.layout)}
    for name, port in told.layout.ports.items():
        owner = names.get(name.removesuffix("-operations").removesuffix("-controller"))
        if owner and owner.process.pid is None and (holder := ports.holder(port)):
            yield Finding(
                f"Port {port} of {name} is taken by {holder}.",
                f"End that process, or choose another: STACK_{name.upper().replace('-', '_')}_PORT=…",
            )


def processes(told: Surroundings) -> Iterator[Finding]:
    for one in everything(told.layout):
        if one.process.is_stale:
            yield Finding(f"{one.name} was killed, or ended by itself.", f"make up; why: make logs S={one.name}")
        elif one.process.pid is not None and not one.is_healthy():
            yield Finding(f"{one.name} runs and is not ready.", f"make logs S={one.name}")


def migrations(told: Surroundings) -> Iterator[Finding]:
    try:
        outdated = schemas.outdated(told)
    except psycopg.Error:
        return  # that PostgreSQL is away is another check's finding
    if outdated:
        yield Finding(f"Migrations are missing: {', '.join(outdated)}.", "make up")


def secrecy(told: Surroundings) -> Iterator[Finding]:
    for file in sorted(told.keys.folder.glob("*")):
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding(f"{file} is readable for others.", f"chmod 600 {file}")


def clock(told: Surroundings) -> Iterator[Finding]:
    newest = max((file.stat().st_mtime for file in (told.layout.folder / "run").glob("*.json")), default=0)
    if newest > time.time() + CLOCK_SLACK:
        yield Finding(
            "The clock stands before the last start: tokens and certificates will be refused.",
            "timedatectl set-ntp true",
        )


CHECKS: tuple[Callable[[Surroundings], Iterator[Finding]], ...] = (
    tools,
    packages,
    space,
    taken_ports,
    processes,
    migrations,
    secrecy,
    clock,
)
