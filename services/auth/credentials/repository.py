"""Whose a value is, in one prepared statement each; and the note of its last use."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, update

from libs.database import SYSTEM, Database, HotQuery, Session
from services.auth.api_keys.models import ApiKey
from services.auth.api_tokens.models import ApiToken

# A value acts in the name of a person, for an organization, as a member of it: all three are asked each time.
STANDING = """
CASE WHEN NOT a.is_active THEN 'account_suspended' WHEN o.status <> 'active' THEN 'organization_suspended'
    WHEN m.role IS NULL OR a.user_id IS NULL OR o.id IS NULL THEN 'not_a_member' ELSE '' END,
a.id, a.user_id, o.id, m.role, CASE WHEN NOT r.is_system THEN r.permissions END, o.settings
"""
ACTORS = """
LEFT JOIN user_account a ON a.user_id = c.acts_for LEFT JOIN organization o ON o.id = c.organization_id
LEFT JOIN organization_member m ON m.organization_id = o.id AND m.user_id = a.user_id
LEFT JOIN organization_role r ON r.organization_id = m.organization_id AND r.name = m.role
"""
TOKEN = HotQuery(f"""
SELECT c.token_id, c.refusal, c.expires_at, c.scope, {STANDING} FROM (
    SELECT token_id, user_id AS acts_for, organization_id, scope, expires_at,
        CASE WHEN revoked THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE '' END AS refusal
    FROM api_token WHERE token = %(hash)s
) c {ACTORS}
""")  # noqa: S608  # of constants
KEY = HotQuery(f"""
SELECT c.id, c.refusal, c.ends_at, c.kind, c.permissions, c.rate_limit, c.ip_whitelist, c.allowed_origins,
    c.require_signature, c.is_previous, c.secret, c.organization_id, {STANDING}
FROM (
    SELECT k.id, k.created_by AS acts_for, k.organization_id, k.kind, k.permissions, k.rate_limit, k.ip_whitelist,
        k.allowed_origins, k.require_signature, v.is_previous, v.ends_at,
        CASE WHEN v.is_previous THEN k.previous_signing_secret ELSE k.signing_secret END AS secret,
        CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN NOT k.is_active THEN 'inactive'
            WHEN v.ends_at <= now() THEN 'expired' ELSE '' END AS refusal
    FROM api_key k, LATERAL (
        SELECT k.hashed_key <> %(hash)s AS is_previous,
            CASE WHEN k.hashed_key = %(hash)s THEN k.expires_at ELSE least(k.expires_at, k.previous_expires_at) END
                AS ends_at
    ) v WHERE k.hashed_key = %(hash)s OR k.previous_hash = %(hash)s
) c {ACTORS}
""")  # noqa: S608  # of constants

KEY_HOLDER = HotQuery("SELECT id, organization_id, coalesce(created_by, 0) FROM api_key WHERE id = %(id)s")
TOKEN_HOLDER = HotQuery("SELECT token_id, organization_id, user_id FROM api_token WHERE token_id = %(id)s")


class Holder(NamedTuple):
    """A token or key and whom it acts for; None and 0 for nobody."""

    id: UUID | int
    organization_id: UUID | None
    user_id: int


class Actor(NamedTuple):
    """In whose name a value acts, and why it may not; None where there is nobody."""

    refusal: str
    subject: UUID | None
    user_id: int | None
    organization_id: UUID | None
    role: str | None
    permissions: list[dict[str, Any]] | None  # of a custom role
    settings: dict[str, Any] | None


class FoundToken(NamedTuple):
    """An API token; times as psycopg gives them."""

    token_id: int
    refusal: str
    expires_at: Any
    scopes: list[str] | None
    actor: Actor


class FoundKey(NamedTuple):
    """An API key, by its value or by the one before its last rotation."""

    id: UUID
    refusal: str
    expires_at: Any
    kind: str
    permissions: list[dict[str, Any]]
    rate_limit: dict[str, int]
    ip_whitelist: list[str]
    allowed_origins: list[str]
    require_signature: bool
    is_previous: bool
    sealed_secret: bytes | None
    organization_id: UUID
    actor: Actor


async def token(database: Database, hash: bytes) -> FoundToken | None:  # noqa: A002  # the request's own name
    rows = await TOKEN.rows(database, SYSTEM, hash=hash.hex())
    return FoundToken._make((*rows[0][:4], Actor._make(rows[0][4:]))) if rows else None


async def key(database: Database, hash: bytes) -> FoundKey | None:  # noqa: A002  # the request's own name
    rows = await KEY.rows(database, SYSTEM, hash=hash.hex())
    return FoundKey._make((*rows[0][:12], Actor._make(rows[0][12:]))) if rows else None


async def key_holder(database: Database, key_id: UUID) -> Holder | None:
    rows = await KEY_HOLDER.rows(database, SYSTEM, id=key_id)
    return Holder(*rows[0]) if rows else None


async def token_holder(database: Database, token_id: int) -> Holder | None:
    rows = await TOKEN_HOLDER.rows(database, SYSTEM, id=token_id)
    return Holder(*rows[0]) if rows else None


async def used(session: Session, tokens: Collection[int], keys: Collection[UUID]) -> None:
    """Note that these were used, to the minute; a row that says so already is left alone."""
    now = func.date_trunc("minute", func.now())
    for model, ids in ((ApiToken, tokens), (ApiKey, keys)):
        if ids:
            column = ApiToken.token_id if model is ApiToken else ApiKey.id
            is_older = or_(model.last_used_at.is_(None), model.last_used_at < now)
            noted = update(model).where(column.in_(list(ids)), is_older)
            await session.execute(
                noted.values(last_used_at=now, updated_at=model.updated_at).execution_options(synchronize_session=False)
            )
