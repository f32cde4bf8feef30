"""Runs the parts of a process together and ends them in order."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Protocol, Self

from libs.process.operations import Readiness, server
from libs.rpc import Server
from libs.settings import ProcessSettings, RpcSettings, TelemetrySettings
from libs.telemetry import Telemetry, get_logger

log = get_logger(__name__)
READY_POLL_SECONDS = 1.0
PARTS_POLL_SECONDS = 3.0


class Runnable(Protocol):
    """A loop that runs until it is cancelled: a relay, a consumer, a worker."""

    async def run(self) -> None: ...


class LoopCancelled(RuntimeError):
    """A loop ended by a cancellation that this process did not ask for: a library let out one of its own."""


async def lasting(one: Runnable) -> None:
    """Run a loop; raises LoopCancelled where it would end without a word, for a task group takes that for an order."""
    try:
        await one.run()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        raise LoopCancelled(type(one).__name__) from None


class Process:
    """The frame of every `__main__`: add parts inside the block, then it runs until SIGTERM.

    On SIGTERM: not ready, running calls end within the drain time, loops are cancelled, stores are closed by their own
    blocks. A part that fails ends the process with its error; the supervisor starts a new one.
    """

    def __init__(self, name: str, process: ProcessSettings, telemetry: TelemetrySettings) -> None:
        self._name, self._settings = name, process
        self._telemetry = Telemetry(name, telemetry)
        self._readiness, self._parts = Readiness(), Readiness()
        self._loops: list[Runnable] = []
        self._server: Server | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._telemetry.__enter__()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        return self

    def serve(self, settings: RpcSettings, *servicers: object) -> Server:
        """Serve these by gRPC."""
        self._server = Server(settings, *servicers)
        return self._server

    def run(self, *loops: Runnable) -> None:
        """Run these beside the server."""
        self._loops.extend(loops)

    def ready_when(self, **checks: Callable[[], Awaitable[bool]]) -> None:
        """Be ready while all of these answer True."""
        self._readiness.checks.update(checks)

    def reports(self, **checks: Callable[[], Awaitable[bool]]) -> None:
        """Answer gRPC health checks for these parts by name; the process stays ready without them."""
        self._parts.checks.update(checks)

    async def __aexit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        try:
            if kind is None:
                await self._live()
        finally:
            self._telemetry.__exit__()

    async def _live(self) -> None:
        operations = server(self._readiness, self._settings.operations)
        async with asyncio.TaskGroup() as group:
            loops = [group.create_task(lasting(one)) for one in self._loops]
            group.create_task(operations._serve())  # noqa: SLF001  # serve() would take the signals for itself
            if self._server:
                await self._server.start()
                loops.append(group.create_task(self._report(self._server)))
                loops.append(group.create_task(self._report_parts(self._server)))
            log.info("process_started", name=self._name, port=self._server.port if self._server else None)
            await self._stop.wait()
            await self._drain(loops)
            operations.should_exit = True
        log.info("process_ended", name=self._name)

    async def _report(self, served: Server) -> None:
        """Tell gRPC health checks what /readyz tells."""
        while True:
            answers = await self._readiness.ask()
            await served.set_ready(all(answers.values()))
            await asyncio.sleep(READY_POLL_SECONDS)

    async def _report_parts(self, served: Server) -> None:
        while self._parts.checks:
            answers = await self._parts.ask()
            for name in self._parts.checks:
                await served.set_ready(answers[name], name)
            await asyncio.sleep(PARTS_POLL_SECONDS)

    async def _drain(self, loops: list[asyncio.Task[None]]) -> None:
        self._readiness.draining = True
        if self._server:
            await self._server.stop(self._settings.drain_seconds)
        for one in loops:
            one.cancel()
        await asyncio.wait(loops, timeout=self._settings.drain_seconds) if loops else None
