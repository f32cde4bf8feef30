"""Every SELECT of sessions, and the conditional UPDATEs that decide their races."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Delete,
    Interval,
    and_,
    delete,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import aliased

from libs.database import Session
from services.auth.accounts.holder import Holder
from services.auth.sessions.client import Client
from services.auth.sessions.models import RefreshToken, UserSession
from services.auth.sessions.refresh_tokens import hashed, sealed

Successor = aliased(RefreshToken)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lives: since it was last renewed, and since it began."""

    unused: timedelta = timedelta(days=7)
    longest: timedelta = timedelta(days=30)


# One statement each: a session is never without its token, and both are hot.
START = text("""
WITH started AS (
    INSERT INTO session (user_id, organization_id, address, user_agent, amr, idle_limit, expires_at)
    VALUES (:user_id, :organization_id, :address, :user_agent, :amr, :idle, now() + :lifetime)
    RETURNING id, user_id, expires_at
)
INSERT INTO refresh_token (hash, session_id, user_id, expires_at) SELECT :hash, id, user_id, expires_at FROM started
RETURNING session_id
""")
ROTATE = text("""
WITH spent AS (
    UPDATE refresh_token SET used_at = now(), sealed_successor = :sealed
    WHERE hash = :hash AND used_at IS NULL AND expires_at > now()
    RETURNING id, session_id
), live AS (
    SELECT session.id, now() - last_seen_at AS idle FROM session JOIN spent ON session.id = spent.session_id
    WHERE revoked_at IS NULL AND expires_at > now() AND created_at + :longest > now()
        AND (idle_limit IS NULL OR last_seen_at + idle_limit > now())
), renewed AS (
    UPDATE session
    SET last_seen_at = now(), expires_at = least(now() + :lifetime, created_at + :longest),
        address = :address, user_agent = :user_agent
    FROM live WHERE session.id = live.id AND revoked_at IS NULL
    RETURNING session.id, user_id, organization_id, expires_at, idle, idle_limit
), kept AS (
    INSERT INTO refresh_token (hash, session_id, user_id, parent_id, expires_at)
    SELECT :successor, renewed.id, user_id, spent.id, expires_at FROM renewed, spent
)
SELECT id, user_id, organization_id, idle, idle_limit FROM renewed
""")

ENDING = text("SELECT set_config('app.ending', :is_on, true)")  # of the policy that lets organizations end sessions


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a session is, and for which organization; transactions and events take it as who acts."""

    user_id: int
    organization_id: str


class Sessions:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def start(self, holder: Holder, token: str, client: Client, lifetime: timedelta, amr: Sequence[str]) -> UUID:
        """A new session with its first refresh token; its id."""
        values = {
            "user_id": holder.user_id,
            "organization_id": holder.organization_id,
            "hash": hashed(token),
            "lifetime": lifetime,
            "amr": list(amr),
            "idle": holder.limits.idle_limit,
            **place(client),
        }
        started: UUID = (await self._session.execute(START, values)).scalar_one()
        return started

    async def revoke(self, session_id: UUID, reason: str) -> Owner | None:
        """End it; None where it has ended before or never was."""
        revoked = (
            update(UserSession)
            .where(UserSession.id == session_id, UserSession.revoked_at.is_(None))
            .values(revoked_at=func.now(), revoked_reason=reason)
            .returning(UserSession.user_id, UserSession.organization_id)
        )
        found = (await self._session.execute(revoked)).first()
        return Owner(found.user_id, str(found.organization_id)) if found else None

    async def revoke_all(
        self, user_id: int, reason: str, but: UUID | None, organization_id: UUID | None = None
    ) -> list[tuple[UUID, Owner]]:
        """End all of a person's that go on, except one; where an organization is named, those that act for it."""
        if organization_id:
            await self._session.execute(ENDING, {"is_on": "on"})
        live = UserSession.user_id == user_id, UserSession.revoked_at.is_(None), is_going_on()
        others = UserSession.id.is_distinct_from(but)
        there = (UserSession.organization_id == organization_id,) if organization_id else ()
        revoked = update(UserSession).where(*live, others, *there).values(revoked_at=func.now(), revoked_reason=reason)
        rows = await self._session.execute(revoked.returning(UserSession.id, UserSession.organization_id))
        if organization_id:
            await self._session.execute(ENDING, {"is_on": ""})
        return [(row.id, Owner(user_id, str(row.organization_id))) for row in rows]

    async def act_for(self, session_id: UUID, organization_id: UUID, idle: timedelta | None) -> None:
        """Let it act for this organization, under its limit."""
        here = update(UserSession).where(UserSession.id == session_id)
        await self._session.execute(here.values(organization_id=organization_id, idle_limit=idle))

    async def forget(self, after: timedelta, most: int) -> int:
        """Delete at most so many that ended that long ago, with their tokens; answers how many."""
        ended = select(UserSession.id).where(UserSession.expires_at < func.now() - after).limit(most)
        return await removed(self._session, delete(UserSession).where(UserSession.id.in_(ended)))


@dataclass(frozen=True, slots=True)
class Renewed:
    """A session that goes on, how long it had not been seen, and the limit for that which it knows of."""

    session_id: UUID
    user_id: int
    organization_id: UUID
    idle: timedelta
    idle_limit: timedelta | None


@dataclass(frozen=True, slots=True)
class Presented(Renewed):
    """A refresh token that could not be spent, and what is known of it."""

    sealed_successor: bytes
    is_revoked: bool
    is_expired: bool
    is_duplicate: bool  # its client sends it once more: within the grace, from the same place, its successor unused


class RefreshTokens:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def rotate(self, token: str, successor: str, client: Client, lifetimes: Lifetimes) -> Renewed | None:
        """Spend a token, add its successor, and note that the session goes on; None where the token is not good.

        However often a token is presented at once, the first UPDATE lets one through. A token of a session that has
        ended is spent and has no successor: the transaction must be rolled back.
        """
        values = {
            "hash": hashed(token),
            "successor": hashed(successor),
            "sealed": sealed(successor, token),
            "lifetime": lifetimes.unused,
            "longest": lifetimes.longest,
            **place(client),
        }
        found = (await self._session.execute(ROTATE, values)).first()
        return Renewed(*found) if found else None

    async def presented(self, token: str, client: Client, grace: timedelta, longest: timedelta) -> Presented | None:
        """What became of a token that could not be spent; None where there is no such token."""
        is_too_old = UserSession.created_at + longest <= func.now()
        is_expired = or_(not_(is_going_on()), is_too_old, RefreshToken.used_at.is_(None))
        is_duplicate = and_(
            RefreshToken.used_at > func.now() - grace,
            Successor.id.is_not(None),
            Successor.used_at.is_(None),
            UserSession.address.is_not_distinct_from(client.address),
            UserSession.user_agent == client.user_agent,
        )
        query = (
            select(
                RefreshToken.session_id,
                RefreshToken.user_id,
                UserSession.organization_id,
                type_coerce(func.now() - UserSession.last_seen_at, Interval),
                UserSession.idle_limit,
                func.coalesce(RefreshToken.sealed_successor, b""),
                UserSession.revoked_at.is_not(None),
                is_expired,
                func.coalesce(is_duplicate, false()),
            )
            .join(UserSession, UserSession.id == RefreshToken.session_id)
            .outerjoin(Successor, Successor.parent_id == RefreshToken.id)
            .where(RefreshToken.hash == hashed(token))
        )
        found = (await self._session.execute(query)).first()
        return Presented(*found) if found else None

    async def session_of(self, token: str) -> UUID | None:
        """The session that a token was made for, whether it is still good or not."""
        return await self._session.scalar(select(RefreshToken.session_id).where(RefreshToken.hash == hashed(token)))

    async def owner_of(self, token: str) -> Owner | None:
        """Whose session a token was made for."""
        query = select(UserSession.user_id, UserSession.organization_id).join(
            RefreshToken, RefreshToken.session_id == UserSession.id
        )
        found = (await self._session.execute(query.where(RefreshToken.hash == hashed(token)))).first()
        return Owner(found.user_id, str(found.organization_id)) if found else None

    async def forget(self, most: int) -> int:
        """Delete at most so many that have expired; answers how many."""
        expired = select(RefreshToken.id).where(RefreshToken.expires_at < func.now()).limit(most)
        return await removed(self._session, delete(RefreshToken).where(RefreshToken.id.in_(expired)))


def is_going_on() -> ColumnElement[bool]:
    """Whether a session's time is not over; one that was revoked is another matter."""
    not_idle = or_(UserSession.idle_limit.is_(None), UserSession.last_seen_at + UserSession.idle_limit > func.now())
    return and_(UserSession.expires_at > func.now(), not_idle)


async def removed(session: Session, statement: Delete) -> int:
    return len((await session.execute(statement.returning(literal(1)))).all())


def place(client: Client) -> dict[str, Any]:
    return {"address": client.address, "user_agent": client.user_agent}
