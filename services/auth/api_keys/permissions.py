"""What a key may do, as it is stored: [{resource, actions, conditions?: {fields, filters}}]."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from orrery.auth.v1.api_keys_pb2 import ApiPermission

from libs.errors import Violation
from libs.rpc.grants import ANY
from libs.rpc.scopes import ACTIONS, AREAS, SCOPES, area_of, scopes_of

PERSONAL = "profile"  # the area that is a person's and no organization's
MOST_FILTERS = 20
LONGEST_FILTER = 200
MOST_BYTES = 8 * 1024  # of all permissions together
# Rows of these can be limited, for their services ask libs.rpc.grants.conditions; and of every type of resources.
FILTERED = frozenset(("users", "members"))
Stored = list[dict[str, Any]]


def stored(permissions: Iterable[ApiPermission]) -> Stored:
    """Permissions of a request as they are kept. Call `violations` before."""
    return [kept(one) for one in permissions]


def kept(one: ApiPermission) -> dict[str, Any]:
    actions = [action for action in ACTIONS if action in one.actions]
    made: dict[str, Any] = {"resource": one.resource, "actions": actions}
    filters = parsed(one.conditions.filters.json)
    if one.conditions.fields or filters:
        made["conditions"] = {"fields": list(dict.fromkeys(one.conditions.fields)), "filters": filters}
    return made


def scopes(permissions: Iterable[Mapping[str, Any]]) -> list[str]:
    """The scopes that kept permissions stand for.

    `*` is all of the organization's: the profile of the person that a key acts for has to be named.
    """
    found = {
        scope
        for one in permissions
        for scope in scopes_of(one["resource"], tuple(one["actions"]))
        if one["resource"] != ANY or area_of_scope(scope) != PERSONAL
    }
    return sorted(found)


def area_of_scope(scope: str) -> str:
    return scope.partition(":")[0]


def violations(permissions: Sequence[ApiPermission]) -> Iterator[Violation]:
    """What is wrong with the permissions of a request."""
    if sum(one.ByteSize() for one in permissions) > MOST_BYTES:
        yield Violation("permissions", "These are too many for one key: each call carries them.", "too_long")
    seen: set[str] = set()
    for index, one in enumerate(permissions):
        at = f"permissions[{index}]"
        if one.resource in seen:  # of two with different conditions nobody could tell which one holds
            yield Violation(f"{at}.resource", "This resource is named twice; name each once.", "repeated")
        seen.add(one.resource)
        if not one.actions or set(one.actions) - set(ACTIONS):
            yield Violation(f"{at}.actions", f"Name one or more of {', '.join(ACTIONS)}.", "invalid")
        elif not scopes_of(one.resource, tuple(one.actions)):
            yield Violation(f"{at}.actions", "There is no such action on this resource.", "invalid")
        yield from condition_violations(one, f"{at}.conditions")


def condition_violations(one: ApiPermission, at: str) -> Iterator[Violation]:
    filters = parsed(one.conditions.filters.json)
    if one.resource == ANY and (one.conditions.fields or filters):
        yield Violation(at, "A permission for everything cannot have conditions; name resources.", "invalid")
    if not isinstance(filters, dict) or not all(is_plain(name) and is_plain(filters[name]) for name in filters):
        yield Violation(f"{at}.filters", "This must be an object of texts, numbers, true, false or null.", "invalid")
    elif len(filters) > MOST_FILTERS:
        yield Violation(f"{at}.filters", f"This takes at most {MOST_FILTERS} conditions.", "too_long")
    elif filters and not can_filter(one.resource):
        yield Violation(f"{at}.filters", "Rows of this resource cannot be limited by conditions.", "unsupported")


def can_filter(resource: str) -> bool:
    named = {*AREAS, *(scope.partition(":")[0] for scope in SCOPES)}
    return resource in FILTERED or (area_of(resource) == "resources" and resource not in named)


def is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_FILTER and "\0" not in value
    return value is None or (isinstance(value, bool | int | float) and math.isfinite(value))


def parsed(document: bytes) -> Any:
    """The filters of a request; {} where none were sent, None where they are no JSON."""
    try:
        found = json.loads(document, parse_constant=no_number) if document else {}
    except ValueError:
        return None
    return found


def no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
