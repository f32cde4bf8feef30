"""Responses of the document: each route's success, and the failures that it can have."""

from collections.abc import Iterable

from orrery.options.v1.options_pb2 import Caller
from orrery.types.v1.types_pb2 import Pagination

from gateway.bridge.schemas import Schema, Schemas
from gateway.documents.shapes import PROBLEM_TYPE, error_schema, framed
from gateway.endpoint import VERSIONED, takes_key
from gateway.families import PLAIN, Family
from gateway.presenters import fields_of_page, is_pagination, version_of
from gateway.router import Route

HEADERS: dict[str, tuple[str, Schema]] = {  # name → (description, schema)
    "X-Request-Id": ("The request's id: the caller's own where it sent a valid one.", {"type": "string"}),
    "traceparent": ("The trace of this request (W3C Trace Context).", {"type": "string"}),
    "RateLimit-Limit": ("Requests that the tightest limit grants.", {"type": "integer"}),
    "RateLimit-Remaining": ("Requests left of it.", {"type": "integer"}),
    "RateLimit-Reset": ("Seconds until it is whole again.", {"type": "integer"}),
    "Retry-After": ("Seconds to wait before the next attempt.", {"type": "integer"}),
    "ETag": ("The tag of the data, for If-None-Match.", {"type": "string"}),
}
EVERYWHERE = ("X-Request-Id", "traceparent", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
FAILURES = {
    400: "The request is malformed.",
    401: "The credential is missing or does not hold.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    405: "The path does not take this method.",
    408: "The body did not come in time.",
    409: "The thing's present state forbids it.",
    412: "The thing has another version than If-Match says.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8.",
    422: "The request breaks the rules of its fields.",
    423: "It is locked after too many wrong tries.",
    429: "Too many requests.",
    500: "A fault on our side.",
    503: "A part is away; try again.",
}
ALWAYS, FOR_BODIES = (401, 429, 500, 503), (408, 409, 413, 415)


def responses(route: Route, schemas: Schemas) -> Schema:
    """Everything that a route may answer, by status."""
    found: Schema = {str(route.status): success(route, schemas)}
    if is_tagged(route):
        found["304"] = {"description": "The caller has it already.", "headers": headers(*EVERYWHERE, "ETag")}
    for status in sorted(failures_of(route)):
        found[str(status)] = {"$ref": f"#/components/responses/{name_of(route.family, status)}"}
    return found


def success(route: Route, schemas: Schemas) -> Schema:
    named = headers(*EVERYWHERE, *(("ETag",) if is_tagged(route) or is_versioned(route) else ()))
    answer: Schema = {"description": "Done.", "headers": named}
    if route.text:
        answer["content"] = {route.text.media_type: {"schema": {"type": "string"}}}
    elif route.status != 204:
        answer["content"] = {"application/json": {"schema": data_schema(route, schemas)}}
    return answer


def data_schema(route: Route, schemas: Schemas) -> Schema:
    message = route.method.output_type
    if not any(is_pagination(field) for field in message.fields):
        return framed(route.family, schemas.reference(message, route.names, is_request=False), None)
    rows, _ = fields_of_page(message)
    place = schemas.reference(Pagination.DESCRIPTOR, route.names, is_request=False)
    return framed(route.family, schemas.field(rows, route.names, is_request=False), place)


def is_tagged(route: Route) -> bool:
    is_page = any(is_pagination(field) for field in route.method.output_type.fields)
    return route.family.has_tags and route.verb == "GET" and not is_page and not route.text


def is_versioned(route: Route) -> bool:
    return takes_key(route) and version_of(route.method.output_type) is not None


def failures_of(route: Route) -> Iterable[int]:
    is_guarded = route.access.caller != Caller.CALLER_ANYONE
    is_plain = route.family is PLAIN
    return {
        *ALWAYS,
        422 if is_plain else 400,
        *((400,) if route.has_body or route.path.startswith(VERSIONED) else ()),
        *((403,) if is_guarded else ()),
        *((404,) if names_a_thing(route) else ()),
        *(FOR_BODIES if route.has_body else ()),
        *((409,) if route.verb == "DELETE" else ()),
        *((409, 412, 422) if takes_key(route) else ()),
        *route.also,
    }


def failure_components(families: Iterable[Family]) -> Schema:
    """The shared failures of every family that has routes."""
    return {
        name_of(family, status): {
            "description": sentence,
            "headers": headers(*EVERYWHERE, *(("Retry-After",) if status in (429, 503) else ())),
            "content": {
                "application/json": {"schema": error_schema(family)},
                PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
            },
        }
        for family in families
        for status, sentence in FAILURES.items()
    }


def name_of(family: Family, status: int) -> str:
    return f"{family.name.title()}{status}"


def headers(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def header_components() -> Schema:
    return {name: {"description": text, "schema": schema} for name, (text, schema) in HEADERS.items()}


def names_a_thing(route: Route) -> bool:
    """Whether the request names something that may not be there: in its path, or by an id or a token."""
    return bool(route.in_path) or any(field.name.endswith(("_id", "token")) for field in route.method.input_type.fields)
