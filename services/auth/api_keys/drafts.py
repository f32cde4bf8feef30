"""Requests for keys, read and judged."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orrery.auth.v1 import api_keys_pb2 as pb

from libs.errors import Violation
from libs.rpc.credentials import LIVE
from services.auth.api_keys import permissions, rules
from services.auth.api_keys.permissions import Stored
from services.auth.api_keys.rules import NotSo
from services.auth.fields import name_violations, refuse

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Draft:
    """A key to be made."""

    name: str
    key_prefix: str = LIVE
    permissions: Stored = field(default_factory=list)
    rate_limit: dict[str, int] = field(default_factory=dict)
    ip_whitelist: list[str] = field(default_factory=list)
    allowed_origins: list[str] = field(default_factory=list)
    expires_at: datetime | None = None
    require_signature: bool = False


def draft(request: pb.CreateApiKeyRequest) -> Draft:
    """Raises Invalid with all that is wrong."""
    broken = [
        *name_violations("name", request.name, LONGEST_NAME),
        *permissions.violations(request.permissions),
        *rules.rate_violations(request.rate_limit),
        *(() if request.permissions else [Violation("permissions", "Name at least one permission.", "required")]),
    ]
    made = Draft(
        name=request.name,
        key_prefix=request.key_prefix or LIVE,
        permissions=permissions.stored(request.permissions),
        rate_limit=rules.rates(request.rate_limit),
        ip_whitelist=rules.each(request.ip_whitelist, rules.network, "ipWhitelist", broken),
        allowed_origins=rules.each(request.allowed_origins, rules.origin, "allowedOrigins", broken),
        expires_at=read("expiresAt", request.expires_at, rules.moment, broken) if request.expires_at else None,
        require_signature=request.require_signature,
    )
    refuse(*broken)
    return made


def changes(request: pb.UpdateApiKeyRequest) -> dict[str, Any]:
    """The columns that change, and their values. Raises Invalid with all that is wrong."""
    broken = [*permissions.violations(request.permissions), *rules.rate_violations(request.rate_limit)]
    found: dict[str, Any] = {}
    if request.HasField("name"):
        broken += name_violations("name", request.name, LONGEST_NAME)
        found["name"] = request.name
    if request.permissions:
        found["permissions"] = permissions.stored(request.permissions)
    if request.HasField("rate_limit"):
        found["rate_limit"] = rules.rates(request.rate_limit)
    for name in ("is_active", "require_signature"):
        if request.HasField(name):
            found[name] = getattr(request, name)
    found |= documents(request, broken)
    refuse(*broken)
    return found


def documents(request: pb.UpdateApiKeyRequest, broken: list[Violation]) -> dict[str, Any]:
    """The fields that null empties."""
    found: dict[str, Any] = {}
    if request.HasField("ip_whitelist"):
        listed = read("ipWhitelist", request.ip_whitelist.json, lambda sent: rules.texts(sent, "networks"), broken)
        found["ip_whitelist"] = rules.each(listed or [], rules.network, "ipWhitelist", broken)
    if request.HasField("allowed_origins"):
        listed = read("allowedOrigins", request.allowed_origins.json, lambda sent: rules.texts(sent, "origins"), broken)
        found["allowed_origins"] = rules.each(listed or [], rules.origin, "allowedOrigins", broken)
    if request.HasField("expires_at"):
        found["expires_at"] = read("expiresAt", request.expires_at.json, expiry, broken)
    return found


def expiry(document: bytes) -> datetime | None:
    found = json.loads(document)
    if found is None:
        return None
    if not isinstance(found, str):
        raise NotSo("This must be a time such as 2027-01-31T12:00:00Z, or null.")
    return rules.moment(found)


def read(name: str, value: Any, rule: Callable[[Any], Any], broken: list[Violation]) -> Any:
    """The value by a rule; None where it breaks it."""
    try:
        return rule(value)
    except NotSo as wrong:
        broken.append(Violation(name, str(wrong), "invalid"))
        return None
