"""Finds the endpoint of a path: literal segments before parameters, in a time that does not grow with the table."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answers import refused
from gateway.endpoint import Endpoint, Gate
from gateway.exchange import exchange_of
from gateway.families import Families
from gateway.refusals import MethodNotAllowed
from libs.errors import Refusal


class Node:
    """The endpoints at one path, and the ways on."""

    __slots__ = ("endpoints", "literals", "parameter")

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.literals: dict[str, Node] = {}
        self.parameter: Node | None = None

    def grow(self, segment: str) -> "Node":
        """The node of one more segment, made where there is none."""
        if not segment.startswith("{"):
            return self.literals.setdefault(segment, Node())
        self.parameter = self.parameter or Node()
        return self.parameter

    def find(self, segments: list[str], at: int, values: list[str]) -> "Node | None":
        """The node of the path from its segment `at`; `values` gathers what stood for parameters."""
        if at == len(segments):
            return self if self.endpoints else None
        segment = segments[at]
        if (literal := self.literals.get(segment)) and (found := literal.find(segments, at + 1, values)):
            return found
        if self.parameter is None or not segment:
            return None
        values.append(segment)
        if found := self.parameter.find(segments, at + 1, values):
            return found
        values.pop()
        return None


class Dispatch:
    """Serves the RPC routes; what is at no route goes to `others` (documents, health)."""

    def __init__(self, endpoints: Iterable[Endpoint], families: Families, gate: Gate, others: ASGIApp) -> None:
        self._root, self._families, self._gate, self._others = Node(), families, gate, others
        for endpoint in endpoints:
            node = self._root
            for segment in endpoint.route.path.split("/"):
                node = node.grow(segment)
            node.endpoints[endpoint.route.verb] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        values: list[str] = []
        node = self._root.find(segments_of(scope), 0, values) if scope["type"] == "http" else None
        if node is None:
            await self._others(scope, receive, send)
            return
        verb = scope["method"]
        endpoint = node.endpoints.get("GET" if verb == "HEAD" else verb)
        if endpoint:
            await endpoint(scope, receive, send, dict(zip(endpoint.route.in_path, values, strict=True)))
        else:
            await self._turn_away(scope, send, MethodNotAllowed(methods(node.endpoints)))

    async def _turn_away(self, scope: Scope, send: Send, refusal: Refusal) -> None:
        exchange = exchange_of(scope)
        try:
            await self._gate.count(exchange)
        except Refusal as limited:
            refusal = limited
        await refused(refusal, self._families.of(scope["path"]), exchange).send(send)


def segments_of(scope: Scope) -> list[str]:
    """The path's segments, each percent-decoded by itself, so that %2F stays inside its segment."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if b"%" not in raw:
        return path.split("/")
    return [unquote(segment, errors="replace") for segment in raw.partition(b"?")[0].decode("latin-1").split("/")]


def methods(endpoints: Mapping[str, Endpoint]) -> tuple[str, ...]:
    return tuple(sorted({*endpoints, *(["HEAD"] if "GET" in endpoints else [])}))
