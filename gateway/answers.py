"""Answers as ASGI messages: a status, headers, a body, sent at once."""

import re
from dataclasses import dataclass, field

import orjson
from starlette.types import Send

from gateway import messages
from gateway.exchange import Exchange
from gateway.families import Family, problem
from gateway.problems import Told
from gateway.refusals import MethodNotAllowed
from libs.errors import Internal, Refusal
from libs.telemetry import get_logger

log = get_logger(__name__)
Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
PROBLEM_TYPE = b"application/problem+json"
NO_QUALITY = re.compile(rb"q=0(\.0*)?")
FAULT = "An internal error occurred."
NO_STORE = (b"cache-control", b"no-store")


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)

    async def send(self, send: Send) -> None:
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))] if self.has_length else self.headers
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def has_length(self) -> bool:
        return self.status not in (204, 304)


def wants_problem(accept: bytes) -> bool:
    """Whether an Accept header names problem+json (RFC 9457) and does not rule it out by q=0."""
    for one in accept.lower().split(b","):
        kind, *parameters = (part.strip() for part in one.split(b";"))
        if kind == PROBLEM_TYPE:
            return not any(NO_QUALITY.fullmatch(parameter) for parameter in parameters)
    return False


def refused(refusal: Refusal, family: Family, exchange: Exchange) -> Answer:
    """The refusal in the family's shape, or as a problem where the caller asks for that."""
    if allowance := getattr(refusal, "allowance", None):
        exchange.allowance = allowance
    language = messages.chosen(exchange.headers.get(b"accept-language", b""))
    told = family.codes.tell(refusal, language)
    is_problem = wants_problem(exchange.headers.get(b"accept", b""))
    body = orjson.dumps((problem if is_problem else family.failure)(told, exchange))
    headers: Headers = [
        (b"content-type", PROBLEM_TYPE) if is_problem else JSON,
        (b"content-language", language.tag.encode()),
        (b"vary", b"Accept, Accept-Language"),
        NO_STORE,
    ]
    return Answer(told.status, body, [*headers, *headers_of(refusal, told)])


def headers_of(refusal: Refusal, told: Told) -> Headers:
    """The headers that a status asks for: Retry-After, Allow, WWW-Authenticate."""
    headers: Headers = []
    if wait := told.details.get("retry_after_seconds"):
        headers.append((b"retry-after", str(wait).encode("latin-1", "ignore")))
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", ", ".join(refusal.allowed).encode()))
    if told.status == 401:  # RFC 6750 §3
        is_token = told.reason.startswith("TOKEN_")
        headers.append((b"www-authenticate", b'Bearer error="invalid_token"' if is_token else b"Bearer"))
    if told.status in (408, 413):
        headers.append((b"connection", b"close"))  # the rest of the body is not waited for
    return headers


def fault(raised: Exception, exchange: Exchange) -> Internal:
    """What the caller is told of a fault of ours: nothing. The log is told all, under the request's id."""
    log.error("request_failed", request_id=exchange.request_id, route=exchange.route, exc_info=raised)
    return Internal(FAULT)
