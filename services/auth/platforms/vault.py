"""Tokens on their way into and out of a row."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.auth.platforms.models import PlatformKey
from services.auth.platforms.oauth import Tokens
from services.auth.sealing import Sealer

SHOWN = 6


def mask(token: str) -> str:
    """Its first six characters and "…"; of a short one never more than half."""
    return token[: min(SHOWN, len(token) // 2)] + "…"


def purpose(column: str, key_id: UUID) -> str:
    return f"platform_key.{column}:{key_id}"


def sealed_access(sealer: Sealer, key_id: UUID, token: str) -> dict[str, Any]:
    """The columns of an access token."""
    sealed = sealer.seal(token.encode(), purpose("access_token", key_id))
    return {"access_token": sealed, "access_token_mask": mask(token)}


def sealed_refresh(sealer: Sealer, key_id: UUID, token: str) -> dict[str, Any]:
    """The columns of a refresh token."""
    sealed = sealer.seal(token.encode(), purpose("refresh_token", key_id))
    return {"refresh_token": sealed, "refresh_token_mask": mask(token)}


def sealed_tokens(sealer: Sealer, key_id: UUID, tokens: Tokens) -> dict[str, Any]:
    """The columns of tokens that a platform gave; an old refresh token stays where it gave no new one."""
    values = sealed_access(sealer, key_id, tokens.access_token)
    if tokens.refresh_token:
        values |= sealed_refresh(sealer, key_id, tokens.refresh_token)
    return {**values, "token_expires_at": end_of(tokens), "is_active": True}


def refresh_token(sealer: Sealer, key: PlatformKey) -> str | None:
    """The refresh token in the clear; None where the key has none."""
    if key.refresh_token is None:
        return None
    return sealer.unseal(key.refresh_token, purpose("refresh_token", key.id)).decode()


def end_of(tokens: Tokens) -> datetime:
    """When the access token ends, counted from now."""
    return datetime.now(UTC) + timedelta(seconds=tokens.expires_in)
