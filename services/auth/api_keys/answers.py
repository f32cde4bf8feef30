"""API keys as protos."""

import json
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from orrery.auth.v1 import api_keys_pb2 as pb
from orrery.types.v1.types_pb2 import RawJson

from services.auth.api_keys.models import ApiKey
from services.auth.api_keys.operations import Shown
from services.auth.moments import rfc3339

Answer = TypeVar("Answer", pb.ApiKey, pb.ShownApiKey)
RATES = {field.json_name: field.name for field in pb.ApiRateLimit.DESCRIPTOR.fields}


def api_key(key: ApiKey, creators: dict[int, UUID]) -> pb.ApiKey:
    return filled(pb.ApiKey(), key, creators)


def shown(made: Shown, creators: dict[int, UUID]) -> pb.ShownApiKey:
    answer = filled(pb.ShownApiKey(), made.key, creators)
    if made.value:
        answer.key = made.value
    if made.signing_secret:
        answer.signing_secret = made.signing_secret
    return answer


def filled(answer: Answer, key: ApiKey, creators: dict[int, UUID]) -> Answer:
    """The answer with what both kinds say of a key."""
    for name in ("name", "key_prefix", "last_four", "kind", "require_signature", "version"):
        setattr(answer, name, getattr(key, name))
    answer.id, answer.organization_id, answer.is_active = str(key.id), str(key.organization_id), key.is_usable
    answer.permissions.extend(permission(one) for one in key.permissions)
    answer.rate_limit.CopyFrom(rate_limit(key.rate_limit))
    answer.ip_whitelist.extend(key.ip_whitelist)
    answer.allowed_origins.extend(key.allowed_origins)
    answer.created_at, answer.updated_at = rfc3339(key.created_at), rfc3339(key.updated_at)
    for name, moment in moments(key).items():
        setattr(answer, name, rfc3339(moment))
    if key.created_by in creators:
        answer.created_by = str(creators[key.created_by])
    return answer


def moments(key: ApiKey) -> dict[str, datetime]:
    """Those that there are."""
    ends = key.previous_expires_at
    found = {
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "previous_expires_at": ends if ends and ends > datetime.now(UTC) else None,
        "revoked_at": key.revoked_at,
    }
    return {name: moment for name, moment in found.items() if moment}


def permission(kept: dict[str, object]) -> pb.ApiPermission:
    made = pb.ApiPermission(resource=kept["resource"], actions=kept["actions"])  # type: ignore[arg-type]  # as stored
    conditions = kept.get("conditions")
    if isinstance(conditions, dict):
        made.conditions.fields.extend(conditions.get("fields", ()))
        filters = json.dumps(conditions.get("filters") or {}, ensure_ascii=False).encode()
        made.conditions.filters.CopyFrom(RawJson(json=filters))
    return made


def rate_limit(kept: dict[str, int]) -> pb.ApiRateLimit:
    return pb.ApiRateLimit(**{RATES[name]: value for name, value in kept.items()})
