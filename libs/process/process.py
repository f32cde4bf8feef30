"""Runs the parts of a process together and ends them in order."""

import asyncio
import signal
import time
from typing import Protocol, Self

from libs.process.build import tell_build
from libs.process.lag import Lag
from libs.process.operations import server
from libs.process.parts import Parts, leave_behind
from libs.process.readiness import PARTS, Readiness
from libs.rpc import Server, bound
from libs.settings import ProcessSettings, RpcSettings, TelemetrySettings
from libs.telemetry import Check, Telemetry, get_logger

log = get_logger(__name__)
READY_POLL_SECONDS = 1.0
FAREWELL_SECONDS = 8.0  # beyond the drain time: leaving a consumer group, handing jobs back, the rest of a log
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
    blocks; what has not ended eight seconds after the drain time is left behind. A part that fails ends the process
    with its error, and the others have as long to end; the supervisor starts a new one.
    """

    def __init__(self, name: str, process: ProcessSettings, telemetry: TelemetrySettings) -> None:
        self._name, self._settings = name, process
        self._telemetry = Telemetry(name, telemetry)
        self._readiness, self._parts = Readiness(), Readiness(PARTS)
        self._loops: list[Runnable] = []
        self._server: Server | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listener = bound(self._settings.operations)
        self._listener.listen()  # from now on nobody else can bind it
        self._telemetry.__enter__()
        tell_build(self._name)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        return self

    def serve(self, settings: RpcSettings, *servicers: object) -> Server:
        """Serve these by gRPC."""
        self._server = Server(settings, *servicers)
        if settings.is_mutual:
            self.ready_when(certificate=self._server.has_valid_certificate)
        return self._server

    def run(self, *loops: Runnable) -> None:
        """Run these beside the server."""
        self._loops.extend(loops)

    def ready_when(self, **checks: Check) -> None:
        """Be ready while all of these answer True; a No, or what a check raises, says why not."""
        self._readiness.checks.update(checks)

    def reports(self, **checks: Check) -> None:
        """Answer gRPC health checks for these parts by name; the process stays ready without them."""
        self._parts.checks.update(checks)

    async def __aexit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        try:
            if kind is None:
                await self._live()
        finally:
            if self._server:  # refuses what a part that failed leaves running; else its callers would send it again
                await self._server.stop(0)
            self._listener.close()
            self._telemetry.__exit__()

    async def _live(self) -> None:
        operations = server(self._readiness)
        async with Parts(self._settings.drain_seconds + FAREWELL_SECONDS) as group:
            loops = [group.create_task(lasting(one), name=type(one).__name__) for one in (*self._loops, Lag())]
            group.create_task(operations._serve([self._listener]))  # noqa: SLF001  # serve() would take the signals for itself
            if self._server:
                await self._server.start()
                loops.append(group.create_task(self._report_parts(self._server)))
            loops.append(group.create_task(self._report()))
            log.info("process_started", name=self._name, port=self._server.port if self._server else None)
            await self._stop.wait()
            await self._drain(loops)
            operations.should_exit = True
        log.info("process_ended", name=self._name)

    async def _report(self) -> None:
        """Ask whether the parts answer, though nobody else does; tell gRPC health checks what /readyz tells."""
        while True:
            answers = await self._readiness.ask()
            if self._server:
                await self._server.set_ready(all(answers.values()))
            await asyncio.sleep(READY_POLL_SECONDS)

    async def _report_parts(self, served: Server) -> None:
        while self._parts.checks:
            answers = await self._parts.ask()
            for name in self._parts.checks:
                await served.set_ready(answers[name], name)
            await asyncio.sleep(PARTS_POLL_SECONDS)

    async def _drain(self, loops: list[asyncio.Task[None]]) -> None:
        self._readiness.draining = True
        end = time.monotonic() + self._settings.drain_seconds + FAREWELL_SECONDS
        if self._server:
            await self._server.stop(self._settings.drain_seconds)
        for one in loops:
            one.cancel()
        _, stuck = await asyncio.wait(loops, timeout=max(0.0, end - time.monotonic()))
        if stuck:  # the group would wait for them until the supervisor kills us all
            leave_behind(stuck)
