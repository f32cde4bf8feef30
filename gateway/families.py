"""Response families: how an answer and a refusal look on the wire.

A family is data: its codes and two functions. Times are RFC 3339 in UTC with milliseconds.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.codes import ENVELOPE_CODES, PLAIN_CODES, RESOURCE_CODES
from gateway.exchange import Exchange
from gateway.problems import Codes, Told

Data = Any  # what orjson writes
Success = Callable[[Data, Exchange, dict[str, Any] | None], bytes]
Failure = Callable[[Told, Exchange], dict[str, Any]]
API_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Family:
    """How routes of one kind answer. `success` takes data and, for a page of a list, its pagination."""

    name: str
    codes: Codes
    success: Success
    failure: Failure
    has_tags: bool = False  # single objects carry an ETag


def enveloped(data: Data, exchange: Exchange, pagination: dict[str, Any] | None) -> bytes:
    return b'{"success":true,"data":%b}' % orjson.dumps(data)


def enveloped_failure(told: Told, exchange: Exchange) -> dict[str, Any]:
    error: dict[str, Any] = {"code": told.code, "message": told.message}
    if details := told.shown_details:
        error["details"] = details
    return {"success": False, "error": error}


def bare(data: Data, exchange: Exchange, pagination: dict[str, Any] | None) -> bytes:
    return orjson.dumps(data)


def plain_failure(told: Told, exchange: Exchange) -> dict[str, Any]:
    error: dict[str, Any] = {"detail": told.message, "error_code": told.code, "timestamp": now()}
    if told.violations:
        error["validation_errors"] = told.violations
    return error


def resource(data: Data, exchange: Exchange, pagination: dict[str, Any] | None) -> bytes:
    return b'{"requestId":%b,"data":%b,"metadata":%b,"timestamp":"%b","processingTime":%.3f}' % (
        orjson.dumps(exchange.request_id),
        orjson.dumps(data),
        orjson.dumps(metadata(exchange, pagination)),
        now().encode(),
        exchange.elapsed_us / 1000,
    )


def resource_failure(told: Told, exchange: Exchange) -> dict[str, Any]:
    timestamp = now()
    error: dict[str, Any] = {"code": told.code, "message": told.message}
    if details := told.shown_details:
        error["details"] = details
    return {
        "requestId": exchange.request_id,
        "error": {**error, "requestId": exchange.request_id, "timestamp": timestamp},
        "metadata": metadata(exchange, None),
        "timestamp": timestamp,
        "processingTime": exchange.elapsed_us / 1000,
    }


def metadata(exchange: Exchange, pagination: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"version": API_VERSION, "requestId": exchange.request_id}
    if left := exchange.allowance:
        resets = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=left.reset)
        found["rateLimit"] = {"limit": left.limit, "remaining": left.remaining, "resetAt": stamp(resets)}
    if pagination is not None:
        found["pagination"] = pagination
    return found


def openai_failure(told: Told, exchange: Exchange) -> dict[str, Any]:
    """OpenAI's own shape; `param` names the first wrong field."""
    kind = "server_error" if told.status >= SERVER_ERROR else "invalid_request_error"
    param = told.violations[0]["field"] if told.violations else None
    return {"error": {"message": told.message, "type": kind, "param": param, "code": told.code.lower()}}


def problem(told: Told, exchange: Exchange) -> dict[str, Any]:
    """RFC 9457, for whoever asks for application/problem+json in any family."""
    found: dict[str, Any] = {
        "type": told.reason or told.code,
        "title": told.message,
        "status": told.status,
        "code": told.code,
        "instance": exchange.request_id,
    }
    if told.violations:
        found["errors"] = told.violations
    return {**told.details, **found}


def now() -> str:
    return stamp(dt.datetime.now(dt.UTC))


def stamp(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


SERVER_ERROR = 500
ENVELOPE = Family("envelope", ENVELOPE_CODES, enveloped, enveloped_failure)
PLAIN = Family("plain", PLAIN_CODES, bare, plain_failure)
RESOURCE = Family("resource", RESOURCE_CODES, resource, resource_failure, has_tags=True)
BARE = Family("bare", ENVELOPE_CODES, bare, enveloped_failure)  # answers without a wrapper; they fail in an envelope
OPENAI = Family("openai", PLAIN_CODES, bare, openai_failure)
OPERATIONS = Family("operations", PLAIN_CODES, bare, plain_failure)


class Families:
    """Which family a path belongs to, for refusals of what is at no route: the longest prefix's."""

    def __init__(self, prefixes: Mapping[str, Family], otherwise: Family) -> None:
        self._prefixes = sorted(prefixes.items(), key=lambda one: -len(one[0]))
        self._otherwise = otherwise

    def of(self, path: str) -> Family:
        return next((family for prefix, family in self._prefixes if is_under(path, prefix)), self._otherwise)


def is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
