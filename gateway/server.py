"""The HTTP server: uvicorn with deadlines, which it lacks for slow heads, slow bodies and callers that read nothing."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.edge import GONE_KEY

NEVER = float("inf")
LOOK_SECONDS = 0.05
TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection is waited for, in seconds, and how much it may send in vain, in bytes."""

    head_seconds: float = 10.0  # from the connection or a request's first byte to the end of its headers
    body_seconds: float = 20.0  # between two parts of a body
    idle_seconds: int = 75  # between two requests
    read_seconds: float = 60.0  # for the caller to take what was written
    leaving_seconds: float = 3.0  # for callers to see that this process ends
    head_bytes: int = 64 * 1024
    unread_bytes: int = 1024 * 1024  # of a body that was answered already


class PatientProtocol(HttpToolsProtocol):
    """One connection. Its one timer is moved lazily: a request on a busy connection costs no timer of its own."""

    patience: ClassVar[Patience] = Patience()
    is_leaving: ClassVar[bool] = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self._running: asyncio.Task[None] | None = None
        self._head = self._unread = 0
        self._is_in_head = False
        self._timer: asyncio.TimerHandle | None = None
        self._fires = NEVER
        self._expect(self.patience.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline = NEVER
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)
        if self._running and not self._running.done() and not self.cycle.response_complete:
            scope: dict[str, Any] = self.cycle.scope  # type: ignore[assignment]  # takes keys of one's own
            scope[GONE_KEY] = True
            self._running.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._head += len(data)
            if self._head > self.patience.head_bytes:
                self._refuse(HEAD_TOO_LARGE)
        elif self.cycle and self.cycle.response_complete and self.cycle.more_body:
            self._unread += len(data)
            if self._unread > self.patience.unread_bytes:
                self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head, self._unread = True, 0, 0
        self._expect(self.patience.head_seconds)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._expect(self.patience.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._expect(self.patience.body_seconds)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._deadline = NEVER  # the application has deadlines of its own
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._expect(self.patience.read_seconds)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._deadline = NEVER
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # close() would wait for a caller that takes nothing
        else:
            super().timeout_keep_alive_handler()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """As uvicorn's; the task is remembered, to be cancelled when the caller hangs up."""
        if self.is_leaving:
            cycle.keep_alive = False
        self._running = self.loop.create_task(cycle.run_asgi(app))
        self._running.add_done_callback(self.tasks.discard)
        self.tasks.add(self._running)

    def _expect(self, seconds: float) -> None:
        """Give the caller so long for the next step."""
        self._deadline = self.loop.time() + seconds
        if self._deadline < self._fires:
            self._arm(self._deadline)

    def _arm(self, moment: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._fires = moment
        self._timer = self.loop.call_at(moment, self._look)

    def _look(self) -> None:
        """See whether the deadline has passed, or has moved on."""
        self._fires, self._timer = NEVER, None
        if self._deadline is NEVER:
            return
        if self._deadline > self.loop.time():
            self._arm(self._deadline)
        elif self.flow.read_paused:  # it waits for us, not we for it
            self._expect(self.patience.body_seconds)
        else:
            self._give_up()

    def _give_up(self) -> None:
        if self._is_in_head:
            self._refuse(TIMEOUT)
        else:
            self.transport.abort()

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's, which closes all connections that wait for their next request in the moment it is told to exit."""

    async def leave(self) -> None:
        """Say `Connection: close` in each answer from now on, until no connection is left or its time is over.

        A caller whose request is on its way while its connection is closed gets no answer, and cannot know whether a
        write was done. It opens the next one where it is led to: to a process that stays.
        """
        self._protocol.is_leaving = True
        limit = time.monotonic() + self._protocol.patience.leaving_seconds
        while self.server_state.connections and time.monotonic() < limit:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(LOOK_SECONDS)

    @property
    def _protocol(self) -> type[PatientProtocol]:
        protocol: type[PatientProtocol] = self.config.http_protocol_class  # type: ignore[assignment]  # see http_server
        return protocol


def http_server(
    app: ASGIApp, host: str, port: int, *, patience: Patience | None = None, drain_seconds: float = 20.0
) -> Server:
    """The server of one process, to be run by `serve()`; headers of proxies are read by the gateway, never here."""
    allowed = patience or Patience()
    protocol = type("Protocol", (PatientProtocol,), {"patience": allowed})
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol,
        ws="none",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=allowed.idle_seconds,
        timeout_graceful_shutdown=max(1, int(drain_seconds - allowed.leaving_seconds)),
    )
    return Server(config)
