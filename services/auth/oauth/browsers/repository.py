"""Every SELECT of browsers and of the people whose claims are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.oauth.models import Browser
from services.auth.organizations.models import Member, Organization, Status
from services.auth.sessions.models import UserSession
from services.auth.sessions.refresh_tokens import hashed
from services.auth.sessions.repository import is_going_on

MOST_CHOICES = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in on a browser."""

    session_id: UUID
    user_id: int
    organization_id: UUID
    amr: list[str]
    at: datetime
    age_seconds: float


class Browsers:
    """By their cookies."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, cookie: str) -> SignedIn | None:
        """Who is signed in; None where nobody is any more."""
        query = (
            select(
                Browser.session_id,
                Browser.user_id,
                UserSession.organization_id,
                UserSession.amr,
                Browser.signed_in_at,
                func.extract("epoch", func.now() - Browser.signed_in_at),
            )
            .join(UserSession, UserSession.id == Browser.session_id)
            .where(
                Browser.hash == hashed(cookie),
                Browser.expires_at > func.now(),
                UserSession.revoked_at.is_(None),
                is_going_on(),
            )
        )
        found = (await self._session.execute(query)).first()
        return SignedIn(*found) if found else None

    async def start(self, cookie: str, session_id: UUID, user_id: int, lifetime: timedelta) -> None:
        """Remember who signed in; their session, which nobody has a refresh token of, lives as long."""
        ends = func.now() + lifetime
        await self._session.execute(update(UserSession).where(UserSession.id == session_id).values(expires_at=ends))
        row = {"hash": hashed(cookie), "session_id": session_id, "user_id": user_id, "expires_at": ends}
        await self._session.execute(insert(Browser).values(row))

    async def forget(self, cookie: str) -> UUID | None:
        """Delete it; its session's id."""
        gone = delete(Browser).where(Browser.hash == hashed(cookie)).returning(Browser.session_id)
        return await self._session.scalar(gone)


class Profile(NamedTuple):
    """What claims are made of."""

    id: UUID
    username: str
    shown_name: str
    email: str
    is_verified: bool
    updated_at: datetime


class People:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def organizations(self, user_id: int) -> list[tuple[UUID, str]]:
        """Ids and names of the active organizations that somebody belongs to, the oldest membership first."""
        query = (
            select(Organization.id, Organization.name)
            .join(Member, Member.organization_id == Organization.id)
            .where(Member.user_id == user_id, Organization.status == Status.ACTIVE)
            .order_by(Member.created_at, Organization.id)
            .limit(MOST_CHOICES)
        )
        return [(found[0], found[1]) for found in (await self._session.execute(query)).all()]

    async def profile(self, user_id: int) -> Profile:
        query = select(
            Account.id,
            Account.username,
            func.coalesce(Account.display_name, Account.username),
            Account.email,
            Account.email_verified_at.is_not(None),
            Account.updated_at,
        ).where(Account.user_id == user_id)
        return Profile(*(await self._session.execute(query)).one())
