"""What limited credentials (API keys, custom roles) may do: resource by action, with conditions on fields and rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orrery.identity.v1.identity_pb2 import Grant, Identity

from libs.rpc.scopes import area_of

ANY = "*"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a caller may see of one kind of thing: `fields` None means all, `filters` name equalities of rows."""

    fields: frozenset[str] | None
    filters: Mapping[str, Any]


def permits(grants: Iterable[Grant], resource: str, action: str) -> bool:
    """Whether one of the grants allows the action on the resource (an area, a part of one, a type of resources).

    A grant of an area allows its parts; a grant of a part does not allow the whole area, except where the area is
    `resources`: its types are known to the service alone, which asks again with the type.
    """
    return any(action in grant.actions and covers(grant.resource, resource) for grant in grants)


def covers(granted: str, resource: str) -> bool:
    if granted in (ANY, resource):
        return True
    if resource == "resources":
        return area_of(granted) == resource
    return granted == area_of(resource)


def conditions(caller: Identity, resource: str, action: str) -> list[Conditions]:
    """The conditions under which the caller may act; any one suffices, and an unlimited caller has an empty one.

    Call it where the access rule has let the caller in. An empty list: not at all.
    """
    if not caller.grants:
        return [Conditions(None, {})]
    fitting = [one for one in caller.grants if action in one.actions and covers(one.resource, resource)]
    return [Conditions(frozenset(one.fields) or None, json.loads(one.filters or "{}")) for one in fitting]
