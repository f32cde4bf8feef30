"""Fields that a limited credential may read and write: what its grants do not name is left out, or refused.

Grants with conditions on rows are the services' to apply; of types of resources, whose fields lie in a document that
the gateway does not know, so are those on fields.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Identity
from orrery.options.v1.options_pb2 import Access

from gateway.bridge.names import is_if_match
from gateway.bridge.selection import list_query_of, selected
from gateway.refusals import FieldRefused
from gateway.router import Route
from libs.rpc.grants import conditions

Fields = frozenset[str] | None  # public names; None for all
Check = Callable[[Message, Fields], None]
DOCUMENTS = "resources"


def fields_of(identity: Identity, access: Access) -> Fields:
    """What the caller may see and write there: all that any of its fitting grants names."""
    if not identity.grants or not access.scope or access.resource == DOCUMENTS:
        return None
    fitting = conditions(identity, access.resource, access.action)
    named = [one.fields for one in fitting if one.fields is not None]
    return frozenset().union(*named) if len(named) == len(fitting) else None


def shown(members: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """An object with the members that may be seen."""
    return members if fields is None else selected(members, fields)


def checker_of(route: Route) -> Check:
    """What refuses a request of the route that writes a field, or asks a list by one, that the caller may not see."""
    query = list_query_of(route.method.input_type)
    if route.has_body:
        return lambda request, fields: None if fields is None else ensure_written(route, request, fields)
    if query:
        return lambda request, fields: None if fields is None else ensure_asked(getattr(request, query), fields)
    return lambda request, fields: None


def ensure_written(route: Route, request: Message, fields: frozenset[str]) -> None:
    """Raise FieldRefused for a field of the body that is not named."""
    for field, _ in request.ListFields():
        public = route.names.of(field)
        if field.name not in route.in_path and not is_if_match(field) and public not in fields:
            raise FieldRefused(public)


def ensure_asked(query: Any, fields: frozenset[str]) -> None:
    """Raise FieldRefused for a filter or an order by a field that is not named: it would tell what the field holds."""
    asked = [*(one.field for one in query.filters), *(name.removeprefix("-") for name in query.sort)]
    if query.search:
        asked.append("search")
    for name in asked:
        if name not in fields:
            raise FieldRefused(name)
