"""`fields=` of a list: only the members that were asked for."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway.bridge.listing import LIST_QUERY
from gateway.bridge.names import Names
from gateway.bridge.violations import Report


class Selection:
    """Applies the `fields` of a request's ListQuery to the items of its answer."""

    def __init__(self, query_field: str, item: Descriptor, names: Names) -> None:
        self._query_field = query_field
        self._known = tuple(names.fields(item))

    def wanted(self, request: Message) -> frozenset[str]:
        """The names asked for, empty for all; raises RulesBroken for one that the items do not have."""
        asked = getattr(request, self._query_field).fields
        if not asked:
            return frozenset()
        report = Report()
        for name in asked:
            if name not in self._known:
                report.unknown("fields.", name, self._known)
        report.close()
        return frozenset(asked)


def selected(item: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in wanted}


def list_query_of(message: Descriptor) -> str | None:
    """The request's ListQuery field, if it has one."""
    found = (f.name for f in message.fields if f.message_type is not None and f.message_type.full_name == LIST_QUERY)
    return next(found, None)
