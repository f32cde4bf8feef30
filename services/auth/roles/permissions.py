"""What roles permit, as grants; and that nobody gives more than they have."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.identity.v1.identity_pb2 import Grant
from orrery.types.v1.types_pb2 import RawJson

from libs.errors import Violation
from libs.rpc.grants import ANY, covers
from libs.rpc.packed import pack
from libs.rpc.scopes import ACTIONS, EVERY_SCOPE, READ, scopes_of
from services.auth.api_keys.permissions import can_filter
from services.auth.fields import refuse
from services.auth.organizations.models import Role

Stored = Mapping[str, Any]
SYSTEM_ROLES = frozenset(Role)
REDUCED = ("username", "displayName", "firstName", "lastName", "avatar", "role", "status", "createdAt")
OWN = (Grant(resource="profile", actions=[READ, "update"]), Grant(resource="memberships", actions=[READ]))
"""What every role permits: to be oneself."""
OPERATORS = (
    *(Grant(resource=part, actions=[READ]) for part in ("memberships", "members", "roles")),
    Grant(resource="users", actions=[READ], fields=REDUCED),
)
"""What an OPERATOR may do with the organization itself; of everything else they may do all."""
MOST_PACKED = 3000  # bytes in an access token, which has to fit a header of 8 KiB together with the signed identity


def grants_of(stored: Iterable[Stored]) -> tuple[Grant, ...]:
    """Permissions as they are kept, as grants."""
    return tuple(grant_of(one) for one in stored)


def grant_of(stored: Stored) -> Grant:
    limits = stored.get("conditions", {})
    filters = json.dumps(limits["filters"], ensure_ascii=False) if limits.get("filters") else ""
    return Grant(
        resource=stored["resource"], actions=stored["actions"], fields=limits.get("fields", []), filters=filters
    )


def granted(role: str, stored: Iterable[Stored]) -> tuple[Grant, ...]:
    """What an access token says that a role permits; nothing where the role itself says all."""
    return () if role in SYSTEM_ROLES else (*OWN, *grants_of(stored))


def scope(role: str, grants: Iterable[Grant]) -> str:
    """The scopes of an access token."""
    if role in SYSTEM_ROLES:
        return EVERY_SCOPE
    return " ".join(sorted({one for grant in grants for one in scopes_of(grant.resource, tuple(grant.actions))}))


def holds(owned: Iterable[Grant], asked: Grant) -> bool:
    """Whether all that a grant permits is permitted by others: each action by one that is no narrower."""
    fitting = [one for one in owned if covers(one.resource, asked.resource) and is_within(asked, one)]
    return all(any(action in one.actions for one in fitting) for action in asked.actions)


def is_within(asked: Grant, owned: Grant) -> bool:
    """Whether the conditions of one are at least as narrow as another's."""
    fields_fit = not owned.fields or (bool(asked.fields) and set(asked.fields) <= set(owned.fields))
    narrowing = json.loads(asked.filters or "{}")
    return fields_fit and all(
        name in narrowing and narrowing[name] == value for name, value in json.loads(owned.filters or "{}").items()
    )


def to_stored(permissions: Iterable[pb.Permission]) -> list[dict[str, Any]]:
    """Permissions as they are kept; raises Invalid."""
    found = list(permissions)
    refuse(*(broken for at, one in enumerate(found) for broken in violations(f"permissions[{at}]", one)))
    kept = [as_stored(one) for one in found]
    if len(orjson.dumps(pack(grants_of(kept)))) > MOST_PACKED:
        refuse(Violation("permissions", "These are too many for one role: they must fit an access token.", "too_long"))
    return kept


def as_stored(one: pb.Permission) -> dict[str, Any]:
    actions = [action for action in ACTIONS if action in one.actions]
    limits: dict[str, Any] = {"fields": list(dict.fromkeys(one.conditions.fields))} if one.conditions.fields else {}
    if filters := json.loads(one.conditions.filters.json or b"{}"):
        limits["filters"] = filters
    return {"resource": one.resource, "actions": actions, **({"conditions": limits} if limits else {})}


def violations(path: str, one: pb.Permission) -> Iterable[Violation]:
    """What the protos' constraints cannot say, and what a service does not rely on them for."""
    if not one.resource or len(one.resource) > 64 or not one.resource.isascii():
        yield Violation(f"{path}.resource", "This must name an area, a part of one or a type of resources.", "invalid")
    if not one.actions or not set(one.actions) <= set(ACTIONS):
        yield Violation(f"{path}.actions", f"These must be of {', '.join(ACTIONS)}.", "invalid")
    filters = one.conditions.filters.json
    if one.resource == ANY and (one.conditions.fields or filters):
        yield Violation(
            f"{path}.conditions", "A permission for everything cannot have conditions; name resources.", "invalid"
        )
    elif filters not in (b"", b"{}") and not can_filter(one.resource):
        yield Violation(
            f"{path}.conditions.filters", "Rows of this resource cannot be limited by conditions.", "unsupported"
        )
    if not is_flat(filters):
        yield Violation(
            f"{path}.conditions.filters", "This must be an object of texts, numbers and booleans.", "invalid"
        )


def is_flat(text: bytes) -> bool:
    """Whether it is an object of plain values, or nothing."""
    try:
        found = json.loads(text or b"{}", parse_constant=no_number)
    except ValueError:
        return False
    plain = isinstance(found, dict) and all(isinstance(value, str | int | float | bool) for value in found.values())
    return plain and b"\\u0000" not in text


def no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def to_proto(stored: Stored) -> pb.Permission:
    made = pb.Permission(resource=stored["resource"], actions=stored["actions"])
    if limits := stored.get("conditions"):
        made.conditions.fields.extend(limits.get("fields", []))
        if filters := limits.get("filters"):
            text = json.dumps(filters, ensure_ascii=False, separators=(",", ":")).encode()
            made.conditions.filters.CopyFrom(RawJson(json=text))
    return made
