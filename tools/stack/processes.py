"""Processes that outlive the command that started them, known again by a record and never mistaken for another.

A process id is used anew once its process is gone; id, moment of start and the machine's boot together are not.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tools.stack import logs

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
CHILDREN: dict[int, subprocess.Popen[bytes]] = {}  # started by this very process, which must reap them
POLITE: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 25.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True)
class Record:
    """What is written down of a started process; `ticks` is its start in clock ticks since boot."""

    pid: int
    ticks: int
    boot: str
    command: list[str]


class Managed:
    """One named process of a stack folder: its record under `run/`, its log under `logs/`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.record_file = folder / "run" / f"{name}.json"
        self.log = logs.path(folder, name)

    def record(self) -> Record | None:
        """What was written down at the last start, whether or not it still runs."""
        try:
            return Record(**json.loads(self.record_file.read_text()))
        except FileNotFoundError:
            return None

    @property
    def pid(self) -> int | None:
        """The running process's id; None when it does not run, or when the id belongs to another by now."""
        record = self.record()
        return record.pid if record and is_same(record) else None

    @property
    def is_stale(self) -> bool:
        """A record is there and its process is not: it was killed, or it ended by itself."""
        return self.record() is not None and self.pid is None

    def spawn(
        self, command: Sequence[str], environment: Mapping[str, str], *, folder: Path | None, user: str | None = None
    ) -> None:
        """Start it in a session of its own, output to its log, and write the record."""
        for made in (self.log.parent, self.record_file.parent):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        logs.rotate(self.log)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )
        CHILDREN[child.pid] = child
        self._write(Record(child.pid, started(child.pid), BOOT, list(command)))

    def end(self, signals: Sequence[tuple[signal.Signals, float]] = POLITE) -> bool:
        """Send each signal in turn, with so many seconds to comply; ends what it left behind. False: nothing ran."""
        record = self.record()
        if record is None:
            return False
        ran = self.pid is not None
        members = session(record)
        for number, seconds in signals:
            if self.pid is None:
                break
            os.kill(record.pid, number)
            wait_gone(record, seconds)
        sweep([*members, *session(record)])
        self.record_file.unlink(missing_ok=True)
        return ran

    def _write(self, record: Record) -> None:
        draft = self.record_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(record)))
        draft.replace(self.record_file)


def started(pid: int) -> int:
    """The start of a process in clock ticks since boot, 0 when it is gone (proc_pid_stat(5), field 22)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    is_dead = fields[0] in "ZX"
    return 0 if is_dead else int(fields[19])


def is_same(record: Record) -> bool:
    """Whether the recorded process itself still runs."""
    if record.pid in CHILDREN:
        CHILDREN[record.pid].poll()
    return record.boot == BOOT and 0 < record.ticks == started(record.pid)


def wait_gone(record: Record, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while is_same(record) and time.monotonic() < limit:
        time.sleep(0.02)
    if record.pid in CHILDREN and not is_same(record):
        CHILDREN.pop(record.pid).wait()  # what has ended but is not reaped still holds its number


def session(record: Record) -> list[psutil.Process]:
    """The other processes of its session: they keep the session's number from being used anew."""
    if record.boot != BOOT or started(record.pid) not in {0, record.ticks}:
        return []  # the number belongs to another by now
    found = []
    for pid in psutil.pids():
        try:
            if pid != record.pid and os.getsid(pid) == record.pid and started(pid) >= record.ticks:
                found.append(psutil.Process(pid))
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def sweep(processes: Sequence[psutil.Process]) -> None:
    """Kill what a process left behind; those already gone, or replaced by another, are passed over."""
    for process in processes:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(processes, timeout=5)
