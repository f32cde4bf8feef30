"""JSON lines on stdout: past-tense events with fields, trace and request ids, and no secrets."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import orjson
import structlog
from opentelemetry import trace

REDACTED = "[redacted]"
SECRET_KEY = re.compile(r"password|secret|token|authorization|cookie|credential|private|api_?key|^dsn$", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"  # a JWT
    r"|(?<=Bearer )\S+|pk_(?:live|test)_\w+"  # a bearer, an API key
    r"|(?<=://)[^\s/@]+@"  # user:password@ of a URL
    r"|X-Amz-Signature=\w+"  # a presigned URL's right
)

TALKATIVE = ("aiokafka", "uvicorn", "alembic", "httpx")  # they tell each step at INFO
# Dataclasses go by their text: taken apart by orjson, their fields would not be cleaned.
OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def set_request_id(request_id: str) -> None:
    """Every line logged by this task from now on carries the id."""
    _request_id.set(request_id)


def configure(service: str, level: str) -> None:
    """Send structlog and the standard library's logging to stdout as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        add_ids(service),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    last: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        render,
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel("DEBUG" if level == "DEBUG" else "WARNING")


def add_ids(service: str) -> structlog.typing.Processor:
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def process(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        event["service"] = service
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"], event["span_id"] = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        if request_id := _request_id.get():
            event.setdefault("request_id", request_id)
        return stamp(logger, method, event)

    return process


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank values under secret names, and secrets inside any text."""
    for key, value in event.items():
        event[key] = REDACTED if SECRET_KEY.search(key) else cleaned(value)
    return event


def cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_VALUE.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: REDACTED if SECRET_KEY.search(str(key)) else cleaned(inner) for key, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


def render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    if text := event.get("exception"):  # a traceback is text made after redact() ran
        event["exception"] = cleaned(text)
    try:
        return orjson.dumps(event, default=described, option=OPTIONS).decode()
    except TypeError:  # a lone surrogate, an integer over 64 bits: no reason to lose the line
        return json.dumps(event, default=described, skipkeys=True)


def described(value: Any) -> str:
    """Whatever JSON does not know (an exception, say), as text without its secrets."""
    return str(cleaned(str(value)))
