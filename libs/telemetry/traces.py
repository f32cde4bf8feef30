"""Spans and their passage between processes as W3C `traceparent`."""

import re
from contextlib import nullcontext

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", re.ASCII)
tracer = trace.get_tracer("orrery")


class Running:
    """A span around a `with` block; a class, because two nested generators cost 4 µs a span."""

    __slots__ = ("_span", "_token")

    def __init__(self, made: Span) -> None:
        self._span = made

    def __enter__(self) -> Span:
        self._token = context.attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if kind is not None:
            self._span.set_status(Status(StatusCode.ERROR, kind.__name__))
        context.detach(self._token)
        self._span.end()


def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    attributes: dict[str, str | int] | None = None,
) -> Running:
    """Run the block in a span, under `parent` (a traceparent) or else the current one.

    An exception marks the span as failed with its type's name and goes on; its text may hold secrets and stays out.
    """
    return Running(
        tracer.start_span(
            name,
            parse(parent) if parent else None,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        )
    )


def inner_span(name: str, kind: SpanKind = SpanKind.INTERNAL) -> Running | nullcontext[None]:
    """A span inside a recorded trace, and nothing outside of one: a loop that polls is no trace a second."""
    return span(name, kind) if trace.get_current_span().is_recording() else nullcontext()


def traceparent() -> str | None:
    """The current span as a `traceparent` header value; None where no trace runs."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return None
    return f"00-{current.trace_id:032x}-{current.span_id:016x}-{current.trace_flags:02x}"


def parse(header: str) -> Context | None:
    """The remote parent that a `traceparent` names; None where it is malformed."""
    found = TRACEPARENT.fullmatch(header)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(remote), Context()) if remote.is_valid else None
