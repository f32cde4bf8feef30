"""The outermost layer: what every request and every answer has, whoever serves it.

A request id, an address, a span; X-Request-Id, traceparent, rate-limit and security headers; a row of the access log
and the metrics at the end. Also what becomes of a request whose caller hung up, and of a fault nobody caught.
"""

import asyncio
import re

from opentelemetry.trace import Span, SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import Headers, fault, refused
from gateway.exchange import KEY, Exchange, new_id, new_traceparent
from gateway.families import Families
from gateway.metrics import observe
from gateway.refusals import ClientGone
from gateway.seams import AddressOf, Recorder
from libs.errors import Unavailable
from libs.telemetry import get_logger, set_request_id, span, traceparent

log = get_logger(__name__)
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
GONE = 499  # nginx's status for a caller that hung up; nobody receives it
GONE_KEY = "orrery.gone"  # gateway/server.py sets it in the scope before it cancels the request
CSP = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class Draining(Unavailable):
    def __init__(self) -> None:
        super().__init__("The server is restarting; try again.")


class Edge:
    """Wraps the whole application."""

    def __init__(
        self, app: ASGIApp, families: Families, address_of: AddressOf, recorder: Recorder, *, hsts_seconds: int = 0
    ) -> None:
        self._app, self._families, self._address_of, self._recorder = app, families, address_of, recorder
        hsts = (b"strict-transport-security", b"max-age=%d; includeSubDomains" % hsts_seconds)
        self._security = [*SECURITY, hsts] if hsts_seconds else SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = scope[KEY] = self._begin(scope)
        set_request_id(exchange.request_id)
        parent = exchange.headers.get(b"traceparent", b"").decode("latin-1")
        with span(exchange.method, SpanKind.SERVER, parent or None) as current:
            try:
                await self._answer(scope, receive, Wire(send, exchange, self._security))
            finally:
                self._end(exchange, current)

    async def _answer(self, scope: Scope, receive: Receive, wire: "Wire") -> None:
        exchange = wire.exchange
        try:
            await self._app(scope, receive, wire.send)
        except ClientGone:
            exchange.status = GONE
        except asyncio.CancelledError:
            if GONE_KEY in scope:
                exchange.status = GONE
            elif not exchange.status:  # the server stops and will wait no longer
                await refused(Draining(), self._families.of(exchange.path), exchange).send(wire.send)
            else:
                raise
        except Exception as raised:
            if exchange.status:
                raise  # half an answer is out; the server breaks the connection off
            await refused(fault(raised, exchange), self._families.of(exchange.path), exchange).send(wire.send)

    def _begin(self, scope: Scope) -> Exchange:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        asked = headers.get(b"x-request-id", b"")
        request_id = asked.decode() if REQUEST_ID.fullmatch(asked) else new_id()
        peer = scope["client"][0] if scope.get("client") else ""
        hops = forwarded(scope["headers"]) if b"x-forwarded-for" in headers else b""
        return Exchange(scope["method"], scope["path"], headers, request_id, self._address_of(peer, hops))

    def _end(self, exchange: Exchange, current: Span) -> None:
        observe(exchange)
        if current.is_recording():
            current.update_name(f"{exchange.method} {exchange.route or 'unmatched'}")
            current.set_attribute("http.request.method", exchange.method)
            current.set_attribute("http.route", exchange.route)
            current.set_attribute("http.response.status_code", exchange.status)
            current.set_attribute("orrery.request_id", exchange.request_id)
        try:
            self._recorder.record(exchange.row())
        except Exception:  # the answer is out
            log.exception("request_not_recorded", request_id=exchange.request_id)


class Wire:
    """The way out: puts the edge's headers on and counts what is sent."""

    __slots__ = ("_security", "_send", "exchange")

    def __init__(self, send: Send, exchange: Exchange, security: Headers) -> None:
        self._send, self.exchange, self._security = send, exchange, security

    async def send(self, message: Message) -> None:
        exchange = self.exchange
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers(message.get("headers", ()))]
        else:
            exchange.sent += len(message.get("body", b""))
        await self._send(message)

    def _headers(self, own: Headers) -> Headers:
        exchange = self.exchange
        trace = traceparent() or new_traceparent()
        headers = [(b"x-request-id", exchange.request_id.encode()), (b"traceparent", trace.encode()), *self._security]
        if left := exchange.allowance:
            headers += (
                (b"ratelimit-limit", b"%d" % left.limit),
                (b"ratelimit-remaining", b"%d" % left.remaining),
                (b"ratelimit-reset", b"%d" % left.reset),
            )
        if not any(name == CSP[0] for name, _ in own):
            headers.append(CSP)
        return headers


def forwarded(headers: Headers) -> bytes:
    """All X-Forwarded-For headers in their order, joined by commas."""
    return b",".join(value for name, value in headers if name == b"x-forwarded-for")
