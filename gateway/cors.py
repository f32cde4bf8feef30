"""Cross-origin requests (Fetch standard): exact origins by setting, none by default. No cookies, so no credentials."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import Answer, Headers
from gateway.exchange import exchange_of

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    b"Authorization, Content-Type, X-API-Key, X-API-Version, X-Request-Id, X-Timestamp, X-Nonce, X-Signature, "
    b"Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent"
)
RESPONSE_HEADERS = (
    b"X-Request-Id, traceparent, ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    b"Idempotent-Replayed"
)
KEPT_SECONDS = 600


class Cors:
    """Lets pages of these origins read answers, and answers their preflights."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.strip().encode() for origin in origins if origin.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = exchange_of(scope).headers
        origin = asked.get(b"origin", b"")
        headers: Headers = [(b"vary", b"Origin")]
        if origin in self._origins:
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked:
                await preflight(origin).send(send)
                return
            headers += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", RESPONSE_HEADERS)]
        await self._app(scope, receive, adding(headers, send))


def preflight(origin: bytes) -> Answer:
    return Answer(
        204,
        b"",
        [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", b"%d" % KEPT_SECONDS),
            (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ],
    )


def adding(headers: Headers, send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return add
