"""The fleet's processes: started together, in any order, and awaited until each is ready."""

import sys
import time
from pathlib import Path

import httpx

from tools.stack import logs, ports
from tools.stack.environment import Surroundings
from tools.stack.errors import StartFailed
from tools.stack.layout import ROOT, Deployable
from tools.stack.parts.part import TAIL
from tools.stack.processes import Managed

PATIENCE = 120.0  # seconds to ready, for all of them on a busy machine


class Service:
    """One process of the fleet."""

    def __init__(self, deployable: Deployable, folder: Path) -> None:
        self.deployable = deployable
        self.name = deployable.name
        self.port = deployable.port or deployable.operations
        self.process = Managed(deployable.name, folder)

    def start(self, told: Surroundings) -> None:
        """Start it unless it runs; does not wait. Raises PortTaken."""
        if self.process.pid is not None:
            return
        for suffix, port in (("", self.deployable.port), ("-operations", self.deployable.operations)):
            if port:
                ports.ensure_free(self.name + suffix, port)
        command = [sys.executable, "-m", self.deployable.module]
        self.process.spawn(command, told.of(self.deployable), folder=ROOT)

    def is_healthy(self) -> bool:
        """Whether it runs and says that it is ready for work."""
        return self.process.pid is not None and self.replies()

    def replies(self) -> bool:
        """Whether something says ready at its port, whoever started it."""
        probed = self.deployable.port if "edge" in self.deployable.needs else self.deployable.operations
        try:
            with httpx.Client(trust_env=False, timeout=3) as client:
                return client.get(f"http://{ports.HOST}:{probed}/readyz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def wait(self, until: float) -> None:
        """Return once it is ready; raises StartFailed when it ends, or at `until` (monotonic seconds)."""
        while not self.is_healthy():
            if self.process.pid is None:
                raise self._failed(f"{self.name} ended while it started.")
            if time.monotonic() > until:
                raise self._failed(f"{self.name} was not ready within {PATIENCE:.0f} s.")
            time.sleep(0.1)

    def stop(self) -> bool:
        """Let it drain, then end it."""
        return self.process.end()

    def _failed(self, sentence: str) -> StartFailed:
        return StartFailed(sentence, f"Its log: {self.process.log}", logs.tail(self.process.log, TAIL))
