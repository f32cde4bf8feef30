"""Spans and their passage between processes as W3C `traceparent`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", re.ASCII)
tracer = trace.get_tracer("orrery")


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    attributes: dict[str, str | int] | None = None,
) -> Iterator[Span]:
    """Run the block in a span, under `parent` (a traceparent) or else the current one.

    An exception marks the span as failed with its type's name and goes on; its text may hold secrets and stays out.
    """
    context = parse(parent) if parent else None
    with tracer.start_as_current_span(
        name, context, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as failure:
            current.set_status(Status(StatusCode.ERROR, type(failure).__name__))
            raise


def traceparent() -> str | None:
    """The current span as a `traceparent` header value; None where no trace runs."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def parse(header: str) -> Context | None:
    """The remote parent that a `traceparent` names; None where it is malformed."""
    found = TRACEPARENT.fullmatch(header)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(remote), Context()) if remote.is_valid else None
