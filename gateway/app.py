"""The gateway as one ASGI application, put together from its parts."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.types import ASGIApp

from gateway.account import account
from gateway.cors import Cors
from gateway.dispatch import Dispatch
from gateway.edge import Edge
from gateway.endpoint import Endpoint, Gate
from gateway.health import Health
from gateway.idempotency import Idempotency
from gateway.mailbox import mailbox
from gateway.oauth2 import oauth2
from gateway.pages import pages
from gateway.public import Public as Public
from gateway.router import Route, RpcRouter, all_routes
from gateway.routes import ROUTERS, families
from gateway.seams import AddressOf, Authenticator, Backend, Call, Limiter, Recorder, Signatures
from gateway.sso import sso


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is made of; `backends` by the names that the route tables give them, such as ai_inference."""

    backends: Mapping[str, Backend]
    authenticator: Authenticator
    limiter: Limiter
    recorder: Recorder
    address_of: AddressOf
    health: Health
    idempotency: Idempotency | None = None  # absent where no key is honoured
    signatures: Signatures | None = None  # absent where no signed request is taken


def application(parts: Parts, public: Public, routers: tuple[RpcRouter, ...] = ROUTERS) -> ASGIApp:
    """The whole gateway; raises TypeError where a route table or a proto cannot be served."""
    routes, gate = all_routes(routers), Gate(parts.authenticator, parts.limiter, parts.signatures)
    known = families(routers)
    by_hand = pages(parts.health, gate, known, routes, public, of_features(parts, gate, public))
    endpoints = [Endpoint(route, bound(route, parts.backends), gate, parts.idempotency) for route in routes]
    app: ASGIApp = Dispatch(endpoints, known, gate, by_hand)
    if public.cors_origins:
        app = Cors(app, public.cors_origins)
    return Edge(app, known, parts.address_of, parts.recorder, hsts_seconds=public.hsts_seconds)


def of_features(parts: Parts, gate: Gate, public: Public) -> list[APIRouter]:
    """Redirects and forms, which no route table has."""
    auth = parts.backends.get("auth")
    if auth is None:
        return []
    return [sso(gate, auth, public.url), oauth2(gate, auth, public.url, public.issuer), mailbox(gate, auth), account()]


def bound(route: Route, backends: Mapping[str, Backend]) -> Call:
    backend = backends.get(route.service)
    if backend is None:
        raise TypeError(f"{route.id} is served by {route.service}, which is not among the backends")
    return backend.bind(route.method, route.timeout)
