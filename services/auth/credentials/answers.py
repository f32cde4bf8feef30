"""Credentials as gateways are told of them."""

from datetime import datetime
from typing import Any

from orrery.auth.v1 import credentials_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity

from services.auth.api_keys import answers, permissions
from services.auth.api_keys.models import Kind
from services.auth.api_keys.values import purpose
from services.auth.credentials.meeting import meeting
from services.auth.credentials.repository import Actor, FoundKey, FoundToken
from services.auth.roles.permissions import granted, grants_of
from services.auth.sealing import Sealer

WIDGET_SCOPES = ["chat:widget"]
NOTHING = Grant(resource="nothing")  # an empty list of grants would mean no limits


def api_token(found: FoundToken) -> pb.Identified:
    """A token that is good."""
    identity = acting(found.actor, Credential.CREDENTIAL_API_TOKEN, str(found.token_id))
    identity.scopes.extend(found.scopes or ())
    identity.grants.extend(of_role(found.actor))
    answer = identified(identity, found.expires_at, found.actor, [])
    answer.page_origins.extend(page_origins(found.actor))
    return answer


def api_key(found: FoundKey, sealer: Sealer) -> pb.Identified:
    """A key that is good."""
    identity = acting(found.actor, Credential.CREDENTIAL_API_KEY, str(found.id))
    if found.kind == Kind.WIDGET:
        identity.scopes.extend(WIDGET_SCOPES)
    else:
        identity.scopes.extend(permissions.scopes(found.permissions))
        identity.grants.extend(allowed(found))
    answer = identified(identity, found.expires_at, found.actor, found.ip_whitelist)
    place_origins(answer, found)
    answer.rate_limit.CopyFrom(answers.rate_limit(found.rate_limit))
    answer.require_signature = found.require_signature
    if found.sealed_secret is not None:
        column = "previous_signing_secret" if found.is_previous else "signing_secret"
        answer.signing_secret = sealer.unseal(found.sealed_secret, purpose(column, found.id)).decode()
    return answer


def allowed(found: FoundKey) -> list[Grant]:
    """The key's grants; where its holder has a role of the organization's own, no more than that."""
    own, roles = grants_of(found.permissions), of_role(found.actor)
    return (meeting(own, roles) if roles else list(own)) or [NOTHING]


def of_role(actor: Actor) -> tuple[Grant, ...]:
    """What the holder's role permits; nothing where it says all."""
    return granted(actor.role or "", actor.permissions or ())


def acting(actor: Actor, credential: Credential.ValueType, credential_id: str) -> Identity:
    return Identity(
        subject=str(actor.subject),
        user_id=actor.user_id or 0,
        organization_id=str(actor.organization_id),
        roles=[actor.role or ""],
        credential=credential,
        credential_id=credential_id,
    )


def identified(identity: Identity, expires_at: datetime | None, actor: Actor, networks: list[str]) -> pb.Identified:
    return pb.Identified(
        identity=identity,
        expires_at_ms=int(expires_at.timestamp() * 1000) if expires_at else 0,
        networks=lists(networks, (actor.settings or {}).get("ipWhitelist")),
        require_https=bool(security_of(actor).get("requireHttps")),
    )


def place_origins(answer: pb.Identified, found: FoundKey) -> None:
    """A widget key lives in pages of its organization; another key asks for an Origin where it names some itself."""
    organizations = page_origins(found.actor)
    if found.kind == Kind.WIDGET:
        answer.origins.extend(lists(found.allowed_origins, organizations))
    else:
        answer.origins.extend(lists(found.allowed_origins))
        answer.page_origins.extend(organizations)


def page_origins(actor: Actor) -> list[str]:
    """What an organization's settings allow its members' pages."""
    return list(security_of(actor).get("allowedOrigins") or ())


def security_of(actor: Actor) -> dict[str, Any]:
    found: dict[str, Any] = (actor.settings or {}).get("security") or {}
    return found


def lists(*given: list[str] | None) -> list[pb.Names]:
    """Those that are not empty."""
    return [pb.Names(names=one) for one in given if one]
