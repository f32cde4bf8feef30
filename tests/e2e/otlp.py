"""An OTLP/HTTP receiver in this process: what the fleet says of itself, as spans to look at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class SeenSpan:
    """One span; ids in hex, `parent` empty at a trace's root."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any] = field(hash=False, default_factory=dict)


class Receiver:
    """Collects every span that is sent to it."""

    def __init__(self) -> None:
        self._spans: list[SeenSpan] = []
        self._lock = threading.Lock()
        self.endpoint = ""

    def take(self, body: bytes) -> None:
        found = [
            SeenSpan(
                service=text_of(resource.resource.attributes, "service.name"),
                name=span.name,
                trace=span.trace_id.hex(),
                id=span.span_id.hex(),
                parent=span.parent_span_id.hex(),
                attributes={one.key: one.value.string_value for one in span.attributes},
            )
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self._spans += found

    def trace(self, trace_id: str) -> list[SeenSpan]:
        """The spans of one trace so far."""
        with self._lock:
            return [span for span in self._spans if span.trace == trace_id]

    def edges(self, trace_id: str) -> set[tuple[str, str]]:
        """(calling service, called service) of each parent and child in a trace that are in two services."""
        spans = {span.id: span for span in self.trace(trace_id)}
        pairs = ((spans[span.parent], span) for span in spans.values() if span.parent in spans)
        return {(parent.service, child.service) for parent, child in pairs if parent.service != child.service}


def text_of(attributes: Any, key: str) -> str:
    return next((one.value.string_value for one in attributes if one.key == key), "")


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free loopback port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
