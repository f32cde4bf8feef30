"""What is written by hand, as a FastAPI application: operations, health, documents."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from gateway.answers import Answer, fault, refused
from gateway.bridge.comments import Comments
from gateway.bridge.schemas import Schema
from gateway.documents.openapi import document
from gateway.documents.pages import documents
from gateway.endpoint import Gate
from gateway.exchange import exchange_of
from gateway.families import Families
from gateway.health import Health
from gateway.operations import operations, reports
from gateway.public import Public
from gateway.refusals import MethodNotAllowed, RouteNotFound
from gateway.router import Route
from gateway.version import VERSION
from libs.errors import Refusal

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
NOT_ALLOWED = 405
TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}  # gateway/edge.py does these


def pages(
    health: Health, gate: Gate, known: Families, routes: list[Route], public: Public, more: Iterable[APIRouter] = ()
) -> FastAPI:
    """The hand-written routes, `more` being those of features; what is at none is refused in its area's family."""
    app = FastAPI(
        title="Orrery",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=TELEMETRY,  # type: ignore[arg-type]  # a TypedDict's literal
        exception_handlers={
            HTTPException: turning_away(gate, known),
            Refusal: telling(known),
            Exception: failing(known),
        },
    )
    app.include_router(operations(health, public.may_measure))
    app.include_router(reports(health))
    for router in more:
        app.include_router(router)
    app.include_router(documents(lambda: made(app, routes, public.url), public.url))
    return app


def made(app: FastAPI, routes: list[Route], url: str) -> Schema:
    """The document of all routes, those written by hand as FastAPI describes them."""
    by_hand = get_openapi(title=app.title, version=app.version, routes=app.routes)
    return document(routes, by_hand, url, Comments())


def turning_away(gate: Gate, known: Families) -> Handler:
    """Answers for paths and methods that there are none of; counted, so that searching for them has an end."""

    async def handle(request: Request, raised: HTTPException) -> Response:
        refusal, exchange = refusal_of(raised), exchange_of(request.scope)
        try:
            await gate.count(exchange)
        except Refusal as limited:
            refusal = limited
        return response(refused(refusal, known.of(exchange.path), exchange))

    return handle


def telling(known: Families) -> Handler:
    """Answers for what a hand-written route refuses."""

    async def handle(request: Request, raised: Refusal) -> Response:
        exchange = exchange_of(request.scope)
        return response(refused(raised, known.of(exchange.path), exchange))

    return handle


def failing(known: Families) -> Handler:
    """Answers for faults of ours."""

    async def handle(request: Request, raised: Exception) -> Response:
        exchange = exchange_of(request.scope)
        return response(refused(fault(raised, exchange), known.of(exchange.path), exchange))

    return handle


def refusal_of(raised: HTTPException) -> Refusal:
    if raised.status_code == NOT_ALLOWED:
        allowed = (raised.headers or {}).get("Allow", "")
        return MethodNotAllowed(tuple(sorted(one.strip() for one in allowed.split(",") if one.strip())))
    return RouteNotFound()


def response(answer: Answer) -> Response:
    headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
    return Response(answer.body, answer.status, headers)
