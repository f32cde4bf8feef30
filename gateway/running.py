"""The gateway's life: what runs beside the HTTP server, and the order of its end."""

import asyncio
import socket

from gateway.accesslog import AccessLog
from gateway.health import Health
from gateway.identity import Revocations
from gateway.server import Server
from libs.process import Runnable, lasting
from libs.telemetry import Answer, No

FAREWELL_SECONDS = 5.0  # for the rest of the access log to reach Kafka
CATCH_UP_SECONDS = 5.0  # for what was revoked before; without Kafka the gateway serves all the same


class Gateway:
    """Serves until it is cancelled; then running requests end, loops stop, and the access log is sent or kept."""

    def __init__(
        self, server: Server, listener: socket.socket, health: Health, log: AccessLog, revocations: Revocations
    ) -> None:
        self._server, self._listener, self._health = server, listener, health
        self._log, self._revocations = log, revocations
        self._beside: list[Runnable] = [log, revocations]

    def beside(self, *loops: Runnable) -> "Gateway":
        """Run these as long as requests are served."""
        self._beside.extend(loops)
        return self

    async def is_ready(self) -> Answer:
        """Whether requests are taken and can be served."""
        return await self._health.is_ready() if self._server.started else No("it learns what was revoked")

    async def run(self) -> None:
        """Serve; a loop that fails ends the process, for its supervisor to start a new one."""
        try:
            async with asyncio.TaskGroup() as group:
                for one in self._beside:
                    group.create_task(lasting(one))
                await self._revocations.catch_up(CATCH_UP_SECONDS)
                serving = group.create_task(self._server._serve([self._listener]))  # noqa: SLF001  # as libs/process
                try:
                    await asyncio.shield(serving)
                except asyncio.CancelledError:
                    await self._drain(serving)
                    raise
        finally:
            await self._log.close(FAREWELL_SECONDS)

    async def _drain(self, serving: asyncio.Task[None]) -> None:
        """Let callers leave, then take no connections and let running requests end; the server bounds that time."""
        self._health.is_draining = True
        await self._server.leave()
        self._server.should_exit = True
        await asyncio.wait([serving])
