"""The OpenAPI 3.1 document: paths from the route tables, all else from the protos. The same tables, the same bytes."""

import re
from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from orrery.options.v1.options_pb2 import Caller

from gateway.bridge.comments import Comments
from gateway.bridge.schemas import Schema, Schemas
from gateway.documents.parameters import SHARED, parameters
from gateway.documents.responses import failure_components, header_components, responses
from gateway.documents.shapes import FRAMES
from gateway.router import Route
from gateway.version import VERSION

SECURITY: dict[str, Schema] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An access token (JWT), or a personal API token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An organization's API key."},
}
INFO: Schema = {
    "title": "Orrery",
    "version": VERSION,
    "summary": "Identity, media, AI, domain data and audit behind one gateway.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def document(routes: list[Route], by_hand: Schema, url: str, comments: Comments) -> Schema:
    """The whole document; `by_hand` is FastAPI's own of the hand-written routes."""
    schemas = Schemas(comments)
    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.verb.lower()] = operation(route, schemas, comments)
    families = {route.family.name: route.family for route in routes}
    handmade = without_nulls(by_hand)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": url}],
        "paths": {**paths, **handmade["paths"]},
        "components": {
            "schemas": merged(schemas.found, FRAMES, handmade.get("components", {}).get("schemas", {})),
            "responses": failure_components(families.values()),
            "parameters": SHARED,
            "headers": header_components(),
            "securitySchemes": SECURITY,
        },
        "tags": tags(routes, comments),
    }


def operation(route: Route, schemas: Schemas, comments: Comments) -> Schema:
    """One route."""
    comment = comments.of(route.method.full_name)
    made: Schema = {
        "operationId": route.id,
        "tags": [tag_of(route.method)],
        "summary": comment.partition(". ")[0].partition("; ")[0].rstrip("."),
        "description": " ".join((comment, *access_sentence(route))),
        "security": security(route),
    }
    if found := parameters(route, schemas):
        made["parameters"] = found
    if route.has_body:
        made["requestBody"] = body(route, schemas)
    made["responses"] = responses(route, schemas)
    return made


def body(route: Route, schemas: Schemas) -> Schema:
    schema = schemas.reference(route.method.input_type, route.names, is_request=True, without=route.in_path)
    is_needed = bool(schemas.found[schema["$ref"].rpartition("/")[2]].get("required"))
    return {"required": is_needed, "content": {"application/json": {"schema": schema}}}


def access_sentence(route: Route) -> Iterable[str]:
    if route.access.scope:
        yield f"Needs the scope `{route.access.scope}`."
    if route.access.caller == Caller.CALLER_SESSION:
        yield "Needs a signed-in session."


def security(route: Route) -> list[dict[str, list[str]]]:
    if route.access.caller == Caller.CALLER_ANYONE:
        return []
    return [{"bearer": []}] if route.access.caller == Caller.CALLER_SESSION else [{"bearer": []}, {"apiKey": []}]


def tag_of(method: MethodDescriptor) -> str:
    """AuditLogsService → Audit logs."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", method.containing_service.name.removesuffix("Service"))
    return words[0] + words[1:].lower()


def tags(routes: list[Route], comments: Comments) -> list[Schema]:
    found = {tag_of(route.method): comments.of(route.method.containing_service.full_name) for route in routes}
    return [{"name": name, "description": comment} for name, comment in found.items()]


def merged(*parts: dict[str, Schema]) -> dict[str, Schema]:
    """One mapping; raises TypeError where a name is in two of them."""
    whole: dict[str, Schema] = {}
    for part in parts:
        if twice := whole.keys() & part.keys():
            raise TypeError(f"the document has two schemas {', '.join(sorted(twice))}")
        whole.update(part)
    return whole


def without_nulls(schema: Any) -> Any:
    """`anyOf: [X, null]` as X: what is absent is left out, never null."""
    if isinstance(schema, list):
        return [without_nulls(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
        return without_nulls({**rest, **choices[0]})
    return {name: without_nulls(one) for name, one in schema.items()}
