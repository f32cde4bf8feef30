"""The operations port: /metrics for Prometheus, /healthz (the process runs) and /readyz (its parts answer)."""

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from libs.process.readiness import Readiness
from libs.telemetry import render_metrics


def application(readiness: Readiness) -> Starlette:
    async def metrics(request: Request) -> Response:
        body, media_type = render_metrics()
        return Response(body, media_type=media_type)

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(request: Request) -> Response:
        answers = await readiness.ask()
        whys = {"reasons": readiness.reasons} if readiness.reasons else {}
        return JSONResponse({**answers, **whys}, 200 if all(answers.values()) else 503)

    handlers = {"/metrics": metrics, "/healthz": healthz, "/readyz": readyz}
    return Starlette(routes=[Route(path, handler) for path, handler in handlers.items()])


def server(readiness: Readiness) -> uvicorn.Server:
    """The operations server, to be run by `_serve()`; it handles no signals."""
    config = uvicorn.Config(application(readiness), log_config=None, access_log=False, timeout_keep_alive=5)
    return uvicorn.Server(config)
