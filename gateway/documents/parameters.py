"""Parameters of the document: of paths, of queries, of lists, of versions."""

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor

from gateway.bridge.listing import LONGEST, MOST_LIMIT, OPERATORS
from gateway.bridge.names import is_if_match
from gateway.bridge.query import is_list
from gateway.bridge.schemas import Schema, Schemas, is_required
from gateway.endpoint import VERSIONED, takes_key
from gateway.preconditions import if_match_field
from gateway.router import Route

TEXT: Schema = {"type": "string", "maxLength": LONGEST}
FIELD_NAME = r"[A-Za-z][A-Za-z0-9_.]*"
LIST_PARAMETERS: tuple[Schema, ...] = (
    {
        "name": "page",
        "description": "One-based page; not together with a cursor.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1_000_000},
    },
    {
        "name": "limit",
        "description": "Rows a page; 20 when absent.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": MOST_LIMIT},
    },
    {"name": "cursor", "description": "An opaque place in the list, from a former answer.", "schema": TEXT},
    {
        "name": "sort",
        "description": 'Field names, comma-separated, most significant first; "-" means descending.',
        "schema": {**TEXT, "pattern": f"^-?{FIELD_NAME}(,-?{FIELD_NAME})*$"},
    },
    {"name": "search", "description": "Words to search for.", "schema": TEXT},
    {
        "name": "fields",
        "description": "The fields wanted, comma-separated; all when absent.",
        "schema": {**TEXT, "pattern": f"^{FIELD_NAME}(,{FIELD_NAME})*$"},
    },
    {
        "name": "filter",
        "description": f"`filter[field]=value` or `filter[field][op]=value`; op is one of {', '.join(OPERATORS)}.",
        "style": "deepObject",
        "explode": True,
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    },
)
VERSION: Schema = {
    "name": "X-API-Version",
    "in": "header",
    "description": "The version asked for; `?api_version=` says the same.",
    "schema": {"type": "string", "enum": ["1", "v1"]},
}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the version to change; 412 where there is another now.",
    "schema": {"type": "string", "maxLength": 64},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key within 24 hours is answered again instead of being done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
}
SHARED: dict[str, Schema] = {
    "Version": VERSION,
    "IfMatch": IF_MATCH,
    "IdempotencyKey": IDEMPOTENCY_KEY,
    **{f"List{one['name'].title()}": {"in": "query", **one} for one in LIST_PARAMETERS},
}


def parameters(route: Route, schemas: Schemas) -> list[Schema]:
    """All parameters of a route, those of the path first."""
    found = [of_path(route, route.method.input_type.fields_by_name[name], schemas) for name in route.in_path]
    if not route.has_body:
        found += of_query(route, schemas)
    if route.path.startswith(VERSIONED):
        found.append(shared("Version"))
    if takes_key(route):
        found.append(shared("IdempotencyKey"))
        found += [shared("IfMatch")] if if_match_field(route.method.input_type) else []
    return found


def of_path(route: Route, field: FieldDescriptor, schemas: Schemas) -> Schema:
    return {"in": "path", "required": True, **parameter(route, field, schemas)}


def of_query(route: Route, schemas: Schemas) -> Iterator[Schema]:
    for field in route.method.input_type.fields:
        if field.name in route.in_path or is_if_match(field):
            continue
        if is_list(field):
            yield from (shared(f"List{one['name'].title()}") for one in LIST_PARAMETERS)
        else:
            yield {"in": "query", "required": is_required(field, is_request=True), **parameter(route, field, schemas)}


def parameter(route: Route, field: FieldDescriptor, schemas: Schemas) -> Schema:
    schema = dict(schemas.field(field, route.names, is_request=True))
    description = schema.pop("description", "")
    return {"name": route.names.of(field), "description": description, "schema": schema}


def shared(name: str) -> Schema:
    return {"$ref": f"#/components/parameters/{name}"}
