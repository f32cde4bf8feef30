"""The operations port: /metrics for Prometheus, /healthz (the process runs) and /readyz (its parts answer)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from libs.telemetry import render_metrics

Check = Callable[[], Awaitable[bool]]
KEEP_SECONDS = 1.0  # a probe storm must not become a storm on the stores


class Readiness:
    """Asks every check at most once a second; not ready while draining."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}
        self.draining = False
        self._last: dict[str, bool] = {}
        self._asked = -float("inf")
        self._lock = asyncio.Lock()

    async def ask(self) -> dict[str, bool]:
        """Each check by name."""
        async with self._lock:
            if time.monotonic() - self._asked > KEEP_SECONDS:
                answers = await asyncio.gather(*(check() for check in self.checks.values()), return_exceptions=True)
                self._last = {name: answer is True for name, answer in zip(self.checks, answers, strict=True)}
                self._asked = time.monotonic()
            return {**self._last, "accepting": not self.draining}


def application(readiness: Readiness) -> Starlette:
    async def metrics(request: Request) -> Response:
        body, media_type = render_metrics()
        return Response(body, media_type=media_type)

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(request: Request) -> Response:
        answers = await readiness.ask()
        return JSONResponse(answers, 200 if all(answers.values()) else 503)

    handlers = {"/metrics": metrics, "/healthz": healthz, "/readyz": readyz}
    return Starlette(routes=[Route(path, handler) for path, handler in handlers.items()])


def server(readiness: Readiness, address: str) -> uvicorn.Server:
    """The operations server, to be run by `serve()`; it handles no signals."""
    host, _, port = address.rpartition(":")
    config = uvicorn.Config(
        application(readiness), host=host, port=int(port), log_config=None, access_log=False, timeout_keep_alive=5
    )
    return uvicorn.Server(config)


__all__: Sequence[str] = ("Readiness", "application", "server")
