"""What two sets of grants both allow: a credential may do no more than the role of the person that it acts for."""

import json
from collections.abc import Iterable, Sequence

from orrery.identity.v1.identity_pb2 import Grant

from libs.rpc.grants import ANY
from libs.rpc.scopes import area_of


def meeting(ones: Iterable[Grant], others: Sequence[Grant]) -> list[Grant]:
    """A grant for each pair that has something in common."""
    return [both for one in ones for other in others if (both := common(one, other)) is not None]


def common(one: Grant, other: Grant) -> Grant | None:
    """What both allow; None where that is nothing."""
    resource = narrower(one.resource, other.resource)
    actions = [action for action in one.actions if action in other.actions]
    fields = [name for name in one.fields if name in other.fields] or (() if one.fields and other.fields else None)
    filters = joined(json.loads(one.filters or "{}"), json.loads(other.filters or "{}"))
    if resource is None or not actions or fields == () or filters is None:
        return None
    kept = [*one.fields, *other.fields] if fields is None else fields
    return Grant(
        resource=resource, actions=actions, fields=kept, filters=json.dumps(filters, sort_keys=True) if filters else ""
    )


def narrower(one: str, other: str) -> str | None:
    """The one of two resources that lies in the other."""
    if lies_in(one, other):
        return one
    return other if lies_in(other, one) else None


def lies_in(inner: str, outer: str) -> bool:
    return outer in (ANY, inner) or (inner != ANY and area_of(inner) == outer)


def joined(one: dict[str, object], other: dict[str, object]) -> dict[str, object] | None:
    """The conditions of both; None where no row can meet them."""
    if any(name in other and other[name] != value for name, value in one.items()):
        return None
    return one | other
