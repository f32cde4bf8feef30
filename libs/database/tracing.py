"""A span per SQL statement, where a trace is being recorded."""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from sqlalchemy import Engine, event

from libs.telemetry.traces import tracer

KEY = "orrery_span"
LONGEST = 500


def trace_statements(engine: Engine) -> None:
    """Attach the spans to an engine; statements are shown with placeholders, never with values."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        if trace.get_current_span().is_recording():
            name = statement.split(None, 1)[0].upper()
            attributes = {"db.system.name": "postgresql", "db.query.text": statement[:LONGEST]}
            connection.info[KEY] = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        finish(connection.info.pop(KEY, None))

    @event.listens_for(engine, "handle_error")
    def fail(context: Any) -> None:
        current: Span | None = context.connection.info.pop(KEY, None) if context.connection else None
        if current:
            current.set_status(Status(StatusCode.ERROR, type(context.original_exception).__name__))
        finish(current)


def finish(current: Span | None) -> None:
    if current:
        current.end()
