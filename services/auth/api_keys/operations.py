"""What can be done with API keys."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from orrery.auth.api_keys.v1 import events_pb2 as events
from sqlalchemy import func

from libs import outbox
from libs.database import Session, Tenant
from libs.database.tenant import Caller
from libs.rpc.credentials import LIVE
from services.auth.api_keys import values
from services.auth.api_keys.drafts import Draft
from services.auth.api_keys.errors import ApiKeyChanged, ApiKeyRevoked, TooManyKeys, WidgetLimited
from services.auth.api_keys.models import ApiKey, Kind
from services.auth.api_keys.repository import ApiKeys
from services.auth.sealing import Sealer
from services.auth.sessions.invalidation import Kind as Invalidated
from services.auth.sessions.invalidation import invalidate

MOST = 200
NOT_OF_WIDGETS = frozenset(("permissions", "require_signature"))
WIDGET_NAME = "Chat widget"


@dataclass(frozen=True, slots=True)
class Shown:
    """A key and, this once, its secrets; empty where none was made."""

    key: ApiKey
    value: str = ""
    signing_secret: str = ""


async def create(session: Session, tenant: Tenant, wanted: Draft, sealer: Sealer) -> Shown:
    """Make a key that acts in the name of the tenant's user. Raises TooManyKeys."""
    keys = ApiKeys(session, UUID(tenant.organization_id))
    if await keys.live() >= MOST:
        raise TooManyKeys(MOST)
    key = ApiKey(
        id=uuid4(),
        organization_id=UUID(tenant.organization_id),
        created_by=tenant.user_id,
        kind=Kind.SECRET,
        name=wanted.name,
        key_prefix=wanted.key_prefix,
        permissions=wanted.permissions,
        rate_limit=wanted.rate_limit,
        ip_whitelist=wanted.ip_whitelist,
        allowed_origins=wanted.allowed_origins,
        expires_at=wanted.expires_at,
        require_signature=wanted.require_signature,
    )
    shown = Shown(key, values.renew(key, sealer), values.renew_signing(key, sealer) if wanted.require_signature else "")
    await keys.add(key)
    tell_created(session, tenant, key)
    return shown


async def change(
    session: Session, tenant: Tenant, key_id: str, changes: dict[str, Any], expected: int | None, sealer: Sealer
) -> Shown:
    """Change columns of a key. Raises ApiKeyNotFound, ApiKeyRevoked, ApiKeyChanged, WidgetLimited."""
    key = await held(session, tenant, key_id, expected)
    if key.kind == Kind.WIDGET and changes.keys() & NOT_OF_WIDGETS:
        raise WidgetLimited
    made = changes.get("require_signature") and key.signing_secret is None
    secret = values.renew_signing(key, sealer) if made else ""
    changed = [name for name, value in changes.items() if getattr(key, name) != value]
    for name in changed:
        setattr(key, name, changes[name])
    if changed:
        await save(session, key)
        told = events.ApiKeyUpdated(changed=changed, permissions=json.dumps(key.permissions, ensure_ascii=False))
        tell(session, tenant, key, told, "changed")
    return Shown(key, "", secret)


async def rotate(
    session: Session, tenant: Tenant, key_id: str, overlap: timedelta, expected: int | None, sealer: Sealer
) -> Shown:
    """Give a key a new value; the one before works on for the overlap, any older one ends now.

    Raises ApiKeyNotFound, ApiKeyRevoked, ApiKeyChanged.
    """
    key = await held(session, tenant, key_id, expected)
    forget_previous(key)
    if overlap:
        values.keep_previous(key, sealer)
        key.previous_expires_at = func.now() + overlap
    secret = values.renew_signing(key, sealer) if key.signing_secret is not None else ""
    shown = Shown(key, values.renew(key, sealer), secret)
    await save(session, key)
    tell(session, tenant, key, events.ApiKeyRotated(overlap_seconds=int(overlap.total_seconds())), "rotated")
    return shown


async def revoke(session: Session, tenant: Tenant, key_id: str, expected: int | None) -> ApiKey:
    """End a key for good; one that has ended stays as it is, and nobody is told again."""
    key = await ApiKeys(session, UUID(tenant.organization_id)).get(key_id, lock=True)
    ensure_version(key, expected)
    if key.revoked_at is None:
        key.revoked_at = func.now()
        forget_previous(key)
        await save(session, key)
        tell(session, tenant, key, events.ApiKeyRevoked(reason="admin"), "revoked")
    return key


async def widget_key(session: Session, organization_id: UUID, made_by: int, sealer: Sealer) -> str:
    """The value of the organization's widget key, which is made where there is none, in the name of `made_by`."""
    keys = ApiKeys(session, organization_id)
    found = await keys.widget()
    if found is None:
        key = ApiKey(id=uuid4(), organization_id=organization_id, created_by=made_by, kind=Kind.WIDGET)
        key.name, key.key_prefix, key.permissions = WIDGET_NAME, LIVE, []
        values.renew(key, sealer)
        if await keys.add_widget(key):
            tell_created(session, Tenant(made_by, str(organization_id)), key)
        found = await keys.widget()
    assert found is not None  # noqa: S101  # made above, by this transaction or by one that committed before it
    return values.opened(found, sealer)


async def hand_over(
    session: Session, organization_id: UUID, from_user: int, to_user: int, *, by: Caller | None = None
) -> None:
    """Let keys act in another member's name, because their maker leaves. `by`: who did it, where no caller did."""
    for key_id in await ApiKeys(session, organization_id).hand_over(from_user, to_user):
        told = events.ApiKeyHandedOver(
            id=str(key_id), organization_id=str(organization_id), from_user_id=from_user, to_user_id=to_user
        )
        outbox.publish(session, told, key=str(key_id), by=by)
        invalidate(session, Invalidated.API_KEY, key_id, "handed_over", by=by)


async def held(session: Session, tenant: Tenant, key_id: str, expected: int | None) -> ApiKey:
    """The key, locked for a change."""
    key = await ApiKeys(session, UUID(tenant.organization_id)).get(key_id, lock=True)
    ensure_version(key, expected)
    if key.revoked_at is not None:
        raise ApiKeyRevoked
    return key


def ensure_version(key: ApiKey, expected: int | None) -> None:
    if expected is not None and key.version != expected:
        raise ApiKeyChanged(key.version)


def forget_previous(key: ApiKey) -> None:
    key.previous_hash = key.previous_signing_secret = key.previous_expires_at = None


async def save(session: Session, key: ApiKey) -> None:
    key.version += 1
    await session.flush()
    await session.refresh(key)


def tell_created(session: Session, tenant: Tenant, key: ApiKey) -> None:
    told = events.ApiKeyCreated(
        id=str(key.id),
        organization_id=str(key.organization_id),
        name=key.name,
        key_prefix=key.key_prefix,
        kind=key.kind,
        permissions=json.dumps(key.permissions, ensure_ascii=False),
        created_by=key.created_by or 0,
    )
    outbox.publish(session, told, key=str(key.id), by=tenant)


def tell(session: Session, tenant: Tenant, key: ApiKey, event: Message, reason: str) -> None:
    """Tell what became of a key, and every gateway to ask again."""
    event.MergeFrom(type(event)(id=str(key.id), organization_id=str(key.organization_id)))
    outbox.publish(session, event, key=str(key.id), by=tenant)
    invalidate(session, Invalidated.API_KEY, key.id, reason, by=tenant)
