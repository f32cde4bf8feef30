"""The hot path: one endpoint per route, everything that can be known at start-up known.

authenticate → access rule → rate limit → decode and validate → one call → encode. Whatever goes wrong leaves in the
shape of the route's family.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Identity
from starlette.types import Receive, Scope, Send

from gateway.answers import Answer, fault, refused
from gateway.bodies import read_body
from gateway.bridge.decoder import Body
from gateway.bridge.query import Query
from gateway.exchange import Exchange, exchange_of
from gateway.idempotency import Asked, Idempotency
from gateway.limited import checker_of, fields_of
from gateway.preconditions import WRITES, precondition_of
from gateway.presenters import PagePresenter, presenter_of
from gateway.refusals import ClientGone, SignaturesAway, UnsupportedVersion
from gateway.router import Route
from gateway.seams import Admission, Authenticator, Call, Limiter, Signatures
from libs.errors import Invalid, Refusal, Violation
from libs.rpc import Passage

VERSIONED = "/api/v1/"
VERSIONS = (b"1", b"v1")
VERSION_PARAMETER = b"api_version"
UNKNOWN = "default"  # the rate class of requests that never reach their route's own


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may come in, and how often."""

    authenticator: Authenticator
    limiter: Limiter
    signatures: Signatures | None = None  # absent: who must sign, or signs, is refused

    async def admit(self, scope: Scope, exchange: Exchange, route: Route) -> Admission:
        """Let the caller in and count the request; raises the refusal that they get."""
        peer = scope["client"][0] if scope.get("client") else ""
        try:
            admission = await self.authenticator.admit(peer, scope["headers"], route.access, verifies=True)
        except Refusal:
            await self.count(exchange)
            raise
        exchange.identity = admission.identity
        exchange.fields = fields_of(admission.identity, route.access)
        rates = admission.terms.rates if admission.terms else ()
        exchange.allowance = await self.limiter.take(route.rate, admission.identity, rates)
        return admission

    async def verify(self, scope: Scope, exchange: Exchange, admission: Admission, body: bytes) -> None:
        """Check the signature of a request, which a credential may ask for; raises the refusal that it gets."""
        terms = admission.terms
        if terms is None or not (terms.requires_signature or b"x-signature" in exchange.headers):
            return
        if self.signatures is None:
            raise SignaturesAway
        await self.signatures.check(terms, admission.identity, request_line(scope), exchange.headers, body)

    async def count(self, exchange: Exchange) -> None:
        """Count a request of nobody that is known, by its address; raises Exhausted."""
        exchange.allowance = await self.limiter.take(UNKNOWN, Identity(address=exchange.address))


class Endpoint:
    """Serves one route."""

    def __init__(self, route: Route, call: Call, gate: Gate, idempotency: Idempotency | None = None) -> None:
        self.route = route
        self._set_version = precondition_of(route)
        self._idempotency = idempotency if takes_key(route) else None
        self._call, self._gate = call, gate
        message, names, in_path = route.method.input_type, route.names, route.in_path
        self._body = Body(message, names, in_path) if route.has_body else None
        self._query = Query(Empty.DESCRIPTOR, names) if route.has_body else Query(message, names, in_path)
        self._present, self._check_fields = presenter_of(route), checker_of(route)
        self._check_page = self._present.check if isinstance(self._present, PagePresenter) else None
        self._is_versioned = route.path.startswith(VERSIONED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, parameters: Mapping[str, str]) -> None:
        """Answer one request; raises ClientGone and CancelledError alone."""
        exchange = exchange_of(scope)
        exchange.route = self.route.path
        try:
            answer = await self._serve(scope, receive, exchange, parameters)
        except Refusal as refusal:
            answer = refused(refusal, self.route.family, exchange)
        except ClientGone:
            raise
        except Exception as raised:  # noqa: BLE001  # no input and no fault may leave in another shape
            answer = refused(fault(raised, exchange), self.route.family, exchange)
        await answer.send(send)

    async def _serve(self, scope: Scope, receive: Receive, exchange: Exchange, parameters: Mapping[str, str]) -> Answer:
        route = self.route
        admission = await self._gate.admit(scope, exchange, route)
        body = await read_body(receive, exchange.headers, route.limit) if self._body else b""
        await self._gate.verify(scope, exchange, admission, body)
        request = self._decode(scope, exchange, parameters, body)
        self._check_fields(request, exchange.fields)
        if self._set_version:
            self._set_version(request, exchange.headers)
        passage = Passage(admission.signed, exchange.request_id)
        key = exchange.headers.get(b"idempotency-key") if self._idempotency else None
        if self._idempotency is None or key is None:
            return await self._done(request, passage, exchange)
        asked = Asked.of(key, route, exchange.path, admission.identity, request)
        return await self._idempotency.once(asked, route.timeout, lambda: self._told(request, passage, exchange))

    async def _done(self, request: Message, passage: Passage, exchange: Exchange) -> Answer:
        try:
            answer = await self._call(request, passage)
        except Invalid as refusal:
            refusal.violations = tuple(self._public(one) for one in refusal.violations)
            raise
        return self._present(request, answer, exchange)

    def _public(self, violation: Violation) -> Violation:
        """What a service says of a field, under the name that the caller knows it by."""
        field = self.route.method.input_type.fields_by_name.get(violation.field)
        return replace(violation, field=self.route.names.of(field)) if field else violation

    async def _told(self, request: Message, passage: Passage, exchange: Exchange) -> Answer:
        """The answer, also where it is a refusal: that too is given again."""
        try:
            return await self._done(request, passage, exchange)
        except Refusal as refusal:
            return refused(refusal, self.route.family, exchange)

    def _decode(self, scope: Scope, exchange: Exchange, parameters: Mapping[str, str], body: bytes) -> Message:
        query: bytes = scope["query_string"]
        if self._is_versioned:
            query = versionless(query, exchange.headers)
        if self._body is None:
            request = self._query(query, parameters)
            if self._check_page:
                self._check_page(request)
            return request
        self._query(query, {})  # takes no parameter
        return self._body(body, parameters)


def request_line(scope: Scope) -> bytes:
    """Method, a newline, path and query as they were sent: what a signature covers of them."""
    method: str = scope["method"]
    query: bytes = scope["query_string"]
    path: bytes = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
    return method.encode() + b"\n" + path + (b"?" + query if query else b"")


def takes_key(route: Route) -> bool:
    """Whether writes there honour Idempotency-Key."""
    return route.family.has_tags and route.verb in WRITES


def versionless(query: bytes, headers: Mapping[bytes, bytes]) -> bytes:
    """The query without `api_version`; raises UnsupportedVersion where it or X-API-Version asks for another than 1."""
    asked = [headers[b"x-api-version"]] if b"x-api-version" in headers else []
    if VERSION_PARAMETER in query:
        pairs = [pair.partition(b"=") for pair in query.split(b"&")]  # all else stays as it came, byte for byte
        asked += [unquote_to_bytes(value) for name, _, value in pairs if name == VERSION_PARAMETER]
        query = b"&".join(b"".join(pair) for pair in pairs if pair[0] != VERSION_PARAMETER)
    if any(version not in VERSIONS for version in asked):
        raise UnsupportedVersion
    return query
