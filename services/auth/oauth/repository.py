"""Every SELECT of grants, codes and refresh tokens, and the conditional UPDATEs that decide their races."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, false, func, insert, or_, select, text, update
from sqlalchemy.orm import aliased

from libs.database import Session
from services.auth.oauth.models import Code, OAuthGrant, OAuthRefreshToken
from services.auth.sessions.client import Client
from services.auth.sessions.refresh_tokens import hashed, sealed
from services.auth.sessions.repository import Owner, place, removed

Successor = aliased(OAuthRefreshToken)

REDEEM = text("""
WITH spent AS (
    UPDATE oauth_code SET used_at = now()
    WHERE hash = :hash AND client_id = :client_id AND redirect_uri = :redirect_uri AND challenge = :challenge
        AND used_at IS NULL AND expires_at > now()
    RETURNING grant_id, nonce
), begun AS (
    UPDATE oauth_grant
    SET last_used_at = now(), expires_at = now() + :lifetime, address = :address, user_agent = :user_agent
    FROM spent WHERE oauth_grant.id = spent.grant_id AND revoked_at IS NULL
    RETURNING id, user_id, organization_id, scopes, amr, signed_in_at, expires_at
), kept AS (
    INSERT INTO oauth_refresh_token (hash, grant_id, user_id, expires_at)
    SELECT CAST(:refresh AS bytea), id, user_id, expires_at FROM begun WHERE CAST(:refresh AS bytea) IS NOT NULL
)
SELECT id, user_id, organization_id, scopes, amr, signed_in_at, nonce FROM begun, spent
""")
RENEW = text("""
WITH spent AS (
    UPDATE oauth_refresh_token SET used_at = now(), sealed_successor = :sealed
    FROM oauth_grant
    WHERE oauth_refresh_token.hash = :hash AND oauth_grant.id = oauth_refresh_token.grant_id
        AND oauth_grant.client_id = :client_id
        AND oauth_refresh_token.used_at IS NULL AND oauth_refresh_token.expires_at > now()
    RETURNING oauth_refresh_token.id, oauth_refresh_token.grant_id
), renewed AS (
    UPDATE oauth_grant
    SET last_used_at = now(), expires_at = now() + :lifetime, address = :address, user_agent = :user_agent
    FROM spent WHERE oauth_grant.id = spent.grant_id AND revoked_at IS NULL AND expires_at > now()
    RETURNING oauth_grant.id, user_id, organization_id, scopes, amr, signed_in_at, expires_at
), kept AS (
    INSERT INTO oauth_refresh_token (hash, grant_id, user_id, parent_id, expires_at)
    SELECT :successor, renewed.id, user_id, spent.id, expires_at FROM renewed, spent
)
SELECT id, user_id, organization_id, scopes, amr, signed_in_at FROM renewed
""")


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as its tokens tell of it."""

    id: UUID
    user_id: int
    organization_id: UUID
    scopes: list[str]
    amr: list[str]
    signed_in_at: datetime
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that could not be spent, and what is known of it."""

    granted: Granted
    sealed_successor: bytes
    is_revoked: bool
    is_expired: bool
    is_duplicate: bool  # its client sends it once more: within the grace, from the same place, its successor unused


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant that was revoked: whose, and the app's."""

    id: UUID
    owner: Owner
    client_id: UUID


GRANTED = (
    OAuthGrant.id,
    OAuthGrant.user_id,
    OAuthGrant.organization_id,
    OAuthGrant.scopes,
    OAuthGrant.amr,
    OAuthGrant.signed_in_at,
)
IS_LIVE = and_(OAuthGrant.revoked_at.is_(None), OAuthGrant.expires_at > func.now())


class Grants:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, lifetime: timedelta, client: Client, **row: Any) -> UUID:
        """A new grant's id."""
        values = {**row, **place(client), "expires_at": func.now() + lifetime}
        made = await self._session.execute(insert(OAuthGrant).values(values).returning(OAuthGrant.id))
        added: UUID = made.scalar_one()
        return added

    async def live(self, grant_id: UUID) -> tuple[Granted, UUID] | None:
        """A grant whose tokens are good, and its client."""
        query = select(OAuthGrant.client_id, *GRANTED).where(OAuthGrant.id == grant_id, IS_LIVE)
        found = (await self._session.execute(query)).first()
        return (Granted(*found[1:]), found[0]) if found else None

    async def now(self) -> datetime:
        """The database's clock."""
        moment: datetime = (await self._session.execute(select(func.now()))).scalar_one()
        return moment

    async def revoke(self, grant_id: UUID, reason: str) -> list[Ended]:
        """End it; nothing where it has ended before or never was."""
        return await self._revoke(reason, OAuthGrant.id == grant_id)

    async def revoke_all(self, client_id: UUID, user_id: int | None, reason: str) -> list[Ended]:
        """End all of a client that live, or all that one person gave it."""
        whose = [OAuthGrant.user_id == user_id] if user_id is not None else []
        return await self._revoke(reason, OAuthGrant.client_id == client_id, OAuthGrant.expires_at > func.now(), *whose)

    async def _revoke(self, reason: str, *which: Any) -> list[Ended]:
        told = OAuthGrant.id, OAuthGrant.user_id, OAuthGrant.organization_id, OAuthGrant.client_id
        change = update(OAuthGrant).where(*which, OAuthGrant.revoked_at.is_(None))
        ended = await self._session.execute(
            change.values(revoked_at=func.now(), revoked_reason=reason).returning(*told)
        )
        return [Ended(one[0], Owner(one[1], str(one[2])), one[3]) for one in ended.all()]

    async def forget(self, after: timedelta, most: int) -> int:
        """Delete at most so many that ended that long ago, with their codes and tokens; answers how many."""
        over = select(OAuthGrant.id).where(OAuthGrant.expires_at < func.now() - after).limit(most)
        return await removed(self._session, delete(OAuthGrant).where(OAuthGrant.id.in_(over)))


class Codes:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, code: str, lifetime: timedelta, **row: Any) -> None:
        values = {**row, "hash": hashed(code), "expires_at": func.now() + lifetime}
        await self._session.execute(insert(Code).values(values))

    async def redeem(
        self, code: str, bound: dict[str, Any], refresh: str | None, client: Client, lifetime: timedelta
    ) -> Granted | None:
        """Spend a code and begin its grant; None where it is not good, or `bound` is not what it was made for.

        `bound`: client_id, redirect_uri, challenge. However often a code comes at once, the UPDATE lets one through.
        """
        values = {
            "hash": hashed(code),
            "refresh": hashed(refresh) if refresh else None,
            "lifetime": lifetime,
            **bound,
            **place(client),
        }
        found = (await self._session.execute(REDEEM, values)).first()
        return Granted(*found) if found else None

    async def spent(self, code: str, client_id: UUID) -> UUID | None:
        """The grant of a code of this client that was used before."""
        used = Code.hash == hashed(code), Code.client_id == client_id, Code.used_at.is_not(None)
        return await self._session.scalar(select(Code.grant_id).where(*used))


class RefreshTokens:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def renew(
        self, token: str, successor: str, client_id: UUID, client: Client, lifetime: timedelta
    ) -> Granted | None:
        """Spend a token, add its successor, and note that the grant goes on; None where the token is not good.

        A token of a grant that has ended is spent and has no successor: the transaction must be rolled back.
        """
        values = {
            "hash": hashed(token),
            "successor": hashed(successor),
            "sealed": sealed(successor, token),
            "client_id": client_id,
            "lifetime": lifetime,
            **place(client),
        }
        found = (await self._session.execute(RENEW, values)).first()
        return Granted(*found) if found else None

    async def presented(self, token: str, client_id: UUID, client: Client, grace: timedelta) -> Presented | None:
        """What became of a token of this client that could not be spent; None where there is no such token."""
        is_expired = or_(OAuthGrant.expires_at <= func.now(), OAuthRefreshToken.used_at.is_(None))
        is_duplicate = and_(
            OAuthRefreshToken.used_at > func.now() - grace,
            Successor.id.is_not(None),
            Successor.used_at.is_(None),
            OAuthGrant.address.is_not_distinct_from(client.address),
            OAuthGrant.user_agent == client.user_agent,
        )
        query = (
            select(
                *GRANTED,
                func.coalesce(OAuthRefreshToken.sealed_successor, b""),
                OAuthGrant.revoked_at.is_not(None),
                is_expired,
                func.coalesce(is_duplicate, false()),
            )
            .join(OAuthGrant, OAuthGrant.id == OAuthRefreshToken.grant_id)
            .outerjoin(Successor, Successor.parent_id == OAuthRefreshToken.id)
            .where(OAuthRefreshToken.hash == hashed(token), OAuthGrant.client_id == client_id)
        )
        found: Any = (await self._session.execute(query)).first()
        return Presented(Granted(*found[: len(GRANTED)]), *found[len(GRANTED) :]) if found else None

    async def live(self, token: str) -> tuple[UUID, datetime] | None:
        """The grant of a token that can still be spent, and when it expires."""
        query = select(OAuthRefreshToken.grant_id, OAuthRefreshToken.expires_at).where(
            OAuthRefreshToken.hash == hashed(token),
            OAuthRefreshToken.used_at.is_(None),
            OAuthRefreshToken.expires_at > func.now(),
        )
        found = (await self._session.execute(query)).first()
        return (found[0], found[1]) if found else None

    async def grant_of(self, token: str) -> UUID | None:
        """The grant that a token was made for, whether it is still good or not."""
        query = select(OAuthRefreshToken.grant_id).where(OAuthRefreshToken.hash == hashed(token))
        return await self._session.scalar(query)

    async def forget(self, most: int) -> int:
        """Delete at most so many that have expired; answers how many."""
        expired = select(OAuthRefreshToken.id).where(OAuthRefreshToken.expires_at < func.now()).limit(most)
        return await removed(self._session, delete(OAuthRefreshToken).where(OAuthRefreshToken.id.in_(expired)))
