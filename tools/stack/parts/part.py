"""What all parts have in common: install, start, stop, and whether they answer."""

import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from tools.stack import logs, ports, throwaway
from tools.stack.errors import StartFailed
from tools.stack.processes import POLITE, Managed

TAIL = 15  # log lines that a failure shows


class Part(ABC):
    """A server of its own in a stack folder: data under `data/`, log under `logs/`, record under `run/`.

    `start` and `stop` are idempotent and return when the server answers, or is gone. Loopback only.
    """

    name: ClassVar[str]
    patience: ClassVar[float] = 60.0  # seconds to the first answer, on a busy machine
    farewell: ClassVar = POLITE

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.process = Managed(self.name, self.folder)

    @property
    def data(self) -> Path:
        """Where it keeps its data."""
        return self.folder / "data" / self.name

    @abstractmethod
    def install(self) -> None:
        """Get what is missing; raises Missing for what only the system can give."""

    @abstractmethod
    def command(self) -> list[str]:
        """How it is started."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it does its work right now; may raise OSError."""

    def environment(self) -> Mapping[str, str]:
        """The environment it is started in."""
        return os.environ

    def prepare(self) -> None:
        """Make the data folder and configuration ready; runs before each start."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True, mode=0o700)  # people's films and events are nobody else's business

    def complete(self) -> None:  # noqa: B027  # most parts have nothing to add
        """Make what clients expect to find (a database, a bucket); runs once it answers."""

    @property
    def account(self) -> str | None:
        """The system user it runs as; None for the caller."""
        return None

    def is_healthy(self) -> bool:
        """Whether the process we started runs and answers."""
        return self.process.pid is not None and self.replies()

    def replies(self) -> bool:
        """Whether a server answers at its port, whoever started it."""
        try:
            return self.answers()
        except OSError:
            return False

    def start(self) -> None:
        """Start it unless it runs; raises PortTaken or StartFailed."""
        if self.process.pid is None:
            ports.ensure_free(self.name, self.port)
            self.prepare()
            self.process.spawn(self.command(), self.environment(), folder=self.data, user=self.account)
        self._wait()
        self.complete()

    def stop(self) -> bool:
        """End it, first asking, then killing; False when it did not run."""
        return self.process.end(self.farewell)

    def wipe(self) -> None:
        """Delete its data; it must not run."""
        shutil.rmtree(self.data, ignore_errors=True)

    @classmethod
    def throwaway_options(cls) -> dict[str, object]:
        """Constructor arguments that make it faster where its data need not last."""
        return {}

    @classmethod
    @contextmanager
    def ephemeral(cls, **options: object) -> Iterator[Self]:
        """A server on a free port in a folder of its own, gone with its data when the block ends."""
        with throwaway.folder() as folder:
            part = cls(folder, ports.free(), **{**cls.throwaway_options(), **options})
            part.install()
            try:
                part.start()
                yield part
            finally:
                part.stop()
                part.wipe()

    def _wait(self) -> None:
        limit = time.monotonic() + self.patience
        while not self.is_healthy():
            if self.process.pid is None:
                raise self._failed(f"{self.name} ended while it started.")
            if time.monotonic() > limit:
                raise self._failed(f"{self.name} did not answer within {self.patience:.0f} s.")
            time.sleep(0.05)

    def _failed(self, sentence: str) -> StartFailed:
        return StartFailed(sentence, f"Its log: {self.process.log}", logs.tail(self.process.log, TAIL))
