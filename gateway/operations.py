"""Hand-written routes of operations: /healthz, /readyz, /metrics, and the two health reports.

A report is always 200, for it was made; probes ask /readyz.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from gateway.bridge.names import camel
from gateway.exchange import Exchange, exchange_of
from gateway.families import ENVELOPE, RESOURCE
from gateway.health import Health, status_of
from gateway.identity.address import spelled
from gateway.reports import (
    Details,
    HealthCheck,
    HealthEnvelope,
    HealthReport,
    HealthResource,
    PartReport,
    ServiceStatus,
)
from gateway.version import VERSION
from libs.telemetry import render_metrics

Responses = dict[int | str, dict[str, Any]]
NAMED = ("database", "redis", "storage", "message_queue")  # reported by name; all others are under externalApis
JSON = "application/json"
ANSWERS = {"type": "object", "additionalProperties": {"type": "boolean"}}
TEXT: Responses = {200: {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
READY: Responses = {
    200: {"description": "Ready.", "content": {JSON: {"schema": ANSWERS}}},
    503: {"description": "Not ready.", "content": {JSON: {"schema": ANSWERS}}},
}


def operations(health: Health, may_measure: Callable[[str], bool]) -> APIRouter:
    """The routes for whoever runs the platform; `may_measure` says at which addresses the metrics may be read."""
    router = APIRouter(tags=["Operations"])

    @router.get("/healthz", operation_id="operations_healthz", responses=TEXT, response_class=Response)
    async def healthz() -> Response:
        """The process runs."""
        return Response("ok", media_type="text/plain")

    @router.get("/readyz", operation_id="operations_readyz", responses=READY, response_class=Response)
    async def readyz() -> Response:
        """Requests can be served; 503 while they cannot."""
        found = await health.ask()
        answers = {name: one.is_up for name, one in found.items() if one.is_vital}
        body = orjson.dumps({**answers, "accepting": not health.is_draining})
        return Response(body, 200 if await health.is_ready() else 503, media_type=JSON)

    @router.get("/metrics", operation_id="operations_metrics", responses=TEXT, response_class=Response)
    async def metrics(request: Request) -> Response:
        """Prometheus metrics of this process; for most callers there is nothing here."""
        exchange = exchange_of(request.scope)
        if not may_measure(exchange.address) or is_stranger_behind(request, exchange):
            raise HTTPException(404)
        body, media_type = render_metrics()
        return Response(body, media_type=media_type)

    return router


def is_stranger_behind(request: Request, exchange: Exchange) -> bool:
    """Whether a proxy that nobody configured sent this on: its own address then says nothing of who asks."""
    peer = request.client.host if request.client else ""
    return b"x-forwarded-for" in exchange.headers and exchange.address == spelled(peer)


def reports(health: Health) -> APIRouter:
    """The routes that tell anybody how the platform is."""
    router = APIRouter(tags=["Health"])

    @router.get("/api/health", operation_id="health_get", response_model=HealthEnvelope)
    async def envelope(request: Request) -> Response:
        """How the platform and its parts are."""
        report = await health_report(health)
        return Response(ENVELOPE.success(report.model_dump(), exchange_of(request.scope), None), media_type=JSON)

    @router.get("/api/v1/health", operation_id="health_check", response_model=HealthResource)
    async def resource(request: Request) -> Response:
        """How the platform and its parts are."""
        exchange = exchange_of(request.scope)
        report = await health_check(health, exchange.elapsed_us)
        data = report.model_dump(exclude_none=True)
        return Response(RESOURCE.success(data, exchange, None), media_type=JSON)

    return router


async def health_report(health: Health) -> HealthReport:
    """The short report: up or down."""
    found = await health.ask()
    checks = {
        name: PartReport(
            status="up" if one.is_up else "down", response_time_ms=one.milliseconds, last_check_at=stamp(one.at)
        )
        for name, one in found.items()
    }
    return HealthReport(
        status=status_of(found),
        version=VERSION,
        timestamp=stamp(dt.datetime.now(dt.UTC)),
        checks=checks,
        uptime_seconds=health.uptime_seconds,
    )


async def health_check(health: Health, elapsed_us: int) -> HealthCheck:
    """The long report; a part that this deployment does not have is left out."""
    found = await health.ask()
    parts = {
        name: ServiceStatus(
            status="healthy" if one.is_up else "unhealthy",
            responseTime=one.milliseconds,
            errorMessage=None if one.is_up else "It does not answer.",
            lastChecked=stamp(one.at),
        )
        for name, one in found.items()
    }
    named = {camel(name): parts.pop(name) for name in NAMED if name in parts}
    return HealthCheck(
        service="orrery",
        status=status_of(found),
        timestamp=stamp(dt.datetime.now(dt.UTC)),
        responseTime=elapsed_us / 1000,
        details=Details(**named, externalApis=parts),
        version=VERSION,
        uptime=health.uptime_seconds,
    )


def stamp(moment: dt.datetime) -> str:
    """RFC 3339 to the second, as the health reports write it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
