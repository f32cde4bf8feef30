"""The whole fleet as processes of its own, beside whatever else runs on this machine."""

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tools.stack import ports
from tools.stack.environment import Surroundings, Variables, public_url
from tools.stack.errors import StackError
from tools.stack.fleet import PATIENCE, Service
from tools.stack.layout import SETTINGS, Deployable, load, port_variable
from tools.stack.parts import Part
from tools.stack.schemas import bring_up_to_date
from tools.stack.start import surroundings


@dataclass(frozen=True)
class Told(Surroundings):
    """The stack's own surroundings and what is added for all processes, or for one by name."""

    added: Mapping[str, Variables] = field(default_factory=dict)

    def own(self, deployable: Deployable) -> Variables:
        return super().own(deployable) | self.added.get("*", {}) | self.added.get(deployable.name, {})


class Fleet:
    """Parts and processes by name, to be killed and started."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.url = public_url(told.layout)
        self.parts: dict[str, Part] = {part.name: part for part in told.stores.own}
        self.services = {one.name: Service(one, told.layout.folder) for one in told.layout.deployables}
        self.names = list(self.services)

    def up(self) -> None:
        """Start what does not run: parts first, then the processes in any order; returns when all are ready."""
        for part in self.parts.values():
            part.install()
            part.start()
        bring_up_to_date(self.told)
        for name in random.sample(self.names, len(self.names)):
            self.services[name].start(self.told)
        for service in self.services.values():
            service.wait(time.monotonic() + PATIENCE)

    def start(self, name: str) -> None:
        """Start one process and wait until it is ready."""
        self.services[name].start(self.told)
        self.services[name].wait(time.monotonic() + PATIENCE)

    def pid(self, name: str) -> int:
        pid = self.services[name].process.pid
        if pid is None:
            raise StackError(f"{name} does not run.")
        return pid

    def pids(self) -> dict[str, int]:
        """Every part and process that runs, by name."""
        parts = {name: part.process.pid for name, part in self.parts.items()}
        running = parts | {name: service.process.pid for name, service in self.services.items()}
        return {name: pid for name, pid in running.items() if pid}

    def kill(self, name: str, number: signal.Signals) -> None:
        """Send the signal and return when the process is seen to be gone."""
        victim = psutil.Process(self.pid(name))
        os.kill(victim.pid, number)
        _, alive = psutil.wait_procs([victim], timeout=30)
        if alive:
            raise StackError(f"{name} is still there 30 s after {number.name}.")

    def children(self, name: str) -> list[psutil.Process]:
        """What the process has started, such as ffmpeg."""
        return psutil.Process(self.pid(name)).children(recursive=True)

    def down(self) -> None:
        for service in self.services.values():
            service.stop()
        for part in self.parts.values():
            part.stop()


@contextmanager
def own_fleet(folder: Path, added: Mapping[str, Variables]) -> Iterator[Fleet]:
    """A fleet on free ports with its data in `folder`, ended with everything it started."""
    environ = {"STACK_FOLDER": str(folder)} | {port_variable(name): str(ports.free()) for name in SETTINGS["ports"]}
    base = surroundings(load(environ))
    fleet = Fleet(Told(base.layout, base.stores, base.keys, added))
    try:
        fleet.up()
        yield fleet
    finally:
        fleet.down()
