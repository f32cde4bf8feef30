"""Every SELECT of single sign-on, and the statements that decide its races."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from libs.database import Session
from services.auth.accounts.holder import Me
from services.auth.accounts.models import Account
from services.auth.organizations.models import Member, Organization
from services.auth.roles.models import OrganizationRole
from services.auth.sessions.models import UserSession
from services.auth.sso.models import SsoCode, SsoFlow, SsoIdentity, SsoLogout, SsoSession

SWEPT = 100  # rows that each new sign-in clears away at most


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a sign-in shall end; kept in the database while it is at the issuer."""

    redirect_uri: str
    app_state: str | None
    code_challenge: str | None


class Passed(NamedTuple):
    """What a one-time code stands for."""

    user_id: int
    identity_id: UUID
    organization_id: UUID
    provider: str
    sid: str | None
    amr: list[str]
    id_token: bytes


class Origin(NamedTuple):
    """Where a session of ours came from."""

    provider: str
    id_token: bytes


class Known(NamedTuple):
    """A subject that has an account."""

    id: UUID
    user_id: int
    account: UUID
    mapped_at: datetime


class Flows:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, state: bytes, secret: bytes, provider: str, flow: Flow, lifetime: timedelta) -> None:
        """Both as hashes."""
        row = {
            "state_hash": state,
            "browser_hash": secret,
            "provider": provider,
            "redirect_uri": flow.redirect_uri,
            "app_state": flow.app_state,
            "code_challenge": flow.code_challenge,
            "expires_at": func.now() + lifetime,
        }
        await self._session.execute(insert(SsoFlow).values(row))

    async def take(self, state: bytes, secret: bytes, provider: str) -> Flow | None:
        """The flow, once: of this browser and provider, and in time; None for any other, which stays."""
        is_it = SsoFlow.state_hash == state, SsoFlow.browser_hash == secret, SsoFlow.provider == provider
        taken = delete(SsoFlow).where(*is_it, SsoFlow.expires_at > func.now())
        columns = SsoFlow.redirect_uri, SsoFlow.app_state, SsoFlow.code_challenge
        found = (await self._session.execute(taken.returning(*columns))).first()
        return Flow(*found) if found else None

    async def sweep(self) -> None:
        """Delete some of what has expired: flows, codes, logouts."""
        for model in (SsoFlow, SsoCode, SsoLogout):
            table = model.__table__
            assert isinstance(table, Table)  # noqa: S101  # a mapped class's
            (key,) = table.primary_key
            old = select(key).where(model.expires_at < func.now()).limit(SWEPT).with_for_update(skip_locked=True)
            await self._session.execute(delete(model).where(key.in_(old)))


class Codes:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, code: bytes, passed: Passed, challenge: str | None, lifetime: timedelta) -> None:
        """The code as its hash."""
        row = {"hash": code, **passed._asdict(), "code_challenge": challenge, "expires_at": func.now() + lifetime}
        await self._session.execute(insert(SsoCode).values(row))

    async def take(self, code: bytes, challenge: str | None) -> Passed | None:
        """What the code stands for, once, in time, for whoever has the verifier of its challenge."""
        is_it = SsoCode.hash == code, SsoCode.code_challenge.is_not_distinct_from(challenge)
        taken = delete(SsoCode).where(*is_it, SsoCode.expires_at > func.now())
        columns = [getattr(SsoCode, name) for name in Passed._fields]
        found = (await self._session.execute(taken.returning(*columns))).first()
        return Passed(*found) if found else None

    async def drop(self, identity_id: UUID, sid: str | None) -> None:
        """Delete the codes of a session at the issuer, or of all of them."""
        await self._session.execute(delete(SsoCode).where(*of_session(SsoCode, identity_id, sid)))


class Identities:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, issuer: str, subject: str, *, lock: bool = False) -> Known | None:
        query = (
            select(SsoIdentity.id, SsoIdentity.user_id, Account.id, SsoIdentity.mapped_at)
            .join(Account, Account.user_id == SsoIdentity.user_id)
            .where(SsoIdentity.issuer == issuer, SsoIdentity.subject == subject)
        )
        found = (await self._session.execute(query.with_for_update(of=SsoIdentity) if lock else query)).first()
        return Known(*found) if found else None

    async def wait(self, issuer: str, subject: str) -> None:
        """Let one transaction at a time make an account for a subject."""
        one = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await self._session.execute(one, {"name": f"sso {issuer} {subject}"})

    async def add(self, issuer: str, subject: str, user_id: int, mapped_at: datetime) -> UUID | None:
        """Bind a subject; None where the account is another subject's of this issuer."""
        row = {"issuer": issuer, "subject": subject, "user_id": user_id, "mapped_at": mapped_at}
        added = insert(SsoIdentity).values(row).on_conflict_do_nothing()
        return await self._session.scalar(added.returning(SsoIdentity.id))

    async def note_mapped(self, identity_id: UUID, at: datetime) -> None:
        await self._session.execute(update(SsoIdentity).where(SsoIdentity.id == identity_id).values(mapped_at=at))


class Newcomers:
    """Accounts and memberships as signing in through an issuer makes and finds them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def organization(self, name: str) -> UUID | None:
        """By its slug or id."""
        is_it: list[ColumnElement[bool]] = [Organization.slug == name]
        if (found := as_uuid(name)) is not None:
            is_it.append(Organization.id == found)
        return await self._session.scalar(select(Organization.id).where(or_(*is_it)).limit(1))

    async def with_email(self, email: str) -> Account | None:
        """The account of an address in normal form."""
        return await self._session.scalar(select(Account).where(Account.email == email))

    async def add(self, row: dict[str, Any]) -> Me | None:
        """A new account; None where its username or its address is taken."""
        added = insert(Account).values(row).on_conflict_do_nothing().returning(Account)
        account = await self._session.scalar(added)
        return Me.of(account) if account else None

    async def role(self, organization_id: UUID, user_id: int) -> str | None:
        """A member's role; None where they are none."""
        is_it = Member.organization_id == organization_id, Member.user_id == user_id
        return await self._session.scalar(select(Member.role).where(*is_it))

    async def join(self, organization_id: UUID, user_id: int, role: str) -> None:
        """Make a member of somebody, or give a member this role."""
        row = {"organization_id": organization_id, "user_id": user_id, "role": role}
        joined = insert(Member).values(row)
        changed = {"role": role, "version": Member.version + 1, "updated_at": func.now()}
        again = joined.on_conflict_do_update(index_elements=["organization_id", "user_id"], set_=changed)
        await self._session.execute(again)

    async def has_role(self, organization_id: UUID, role: str) -> bool:
        """Whether the organization has a role of this name."""
        is_it = OrganizationRole.organization_id == organization_id, OrganizationRole.name == role
        return bool(await self._session.scalar(select(exists().where(*is_it))))

    async def owns(self, organization_id: UUID, user_id: int) -> bool:
        """Whether the organization is theirs."""
        is_it = Organization.id == organization_id, Organization.owner_id == user_id
        return bool(await self._session.scalar(select(exists().where(*is_it))))


class SsoSessions:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, session_id: UUID, passed: Passed, id_token: bytes) -> None:
        """That a session came of a sign-in at an issuer; the ID token sealed."""
        row = {
            "session_id": session_id,
            "user_id": passed.user_id,
            "identity_id": passed.identity_id,
            "provider": passed.provider,
            "sid": passed.sid,
            "amr": passed.amr,
            "id_token": id_token,
        }
        await self._session.execute(insert(SsoSession).values(row))

    async def origin(self, session_id: UUID) -> Origin | None:
        """None for a session that began otherwise."""
        query = select(SsoSession.provider, SsoSession.id_token).where(SsoSession.session_id == session_id)
        found = (await self._session.execute(query)).first()
        return Origin(*found) if found else None

    async def whose(self, issuer: str, sid: str) -> str | None:
        """The subject of a session at the issuer."""
        query = (
            select(SsoIdentity.subject)
            .join(SsoSession, SsoSession.identity_id == SsoIdentity.id)
            .where(SsoIdentity.issuer == issuer, SsoSession.sid == sid)
        )
        return await self._session.scalar(query.limit(1))

    async def live(self, identity_id: UUID, sid: str | None) -> Sequence[UUID]:
        """Those that have not ended: of one session at the issuer, or of all."""
        query = select(SsoSession.session_id).join(UserSession, UserSession.id == SsoSession.session_id)
        theirs = query.where(*of_session(SsoSession, identity_id, sid), UserSession.revoked_at.is_(None))
        return (await self._session.scalars(theirs)).all()


class Logouts:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def use(self, name: bytes, lifetime: timedelta) -> bool:
        """Whether this was not told before."""
        row = {"hash": name, "expires_at": func.now() + lifetime}
        added = insert(SsoLogout).values(row).on_conflict_do_nothing().returning(SsoLogout.hash)
        return await self._session.scalar(added) is not None

    async def tell(self, name: bytes, lifetime: timedelta) -> None:
        """That a session or a subject is over from now on."""
        until = func.now() + lifetime
        row = {"hash": name, "expires_at": until}
        added = insert(SsoLogout).values(row)
        again = added.on_conflict_do_update(index_elements=["hash"], set_={"told_at": func.now(), "expires_at": until})
        await self._session.execute(again)

    async def is_over(self, names: Sequence[bytes], since: datetime) -> bool:
        """Whether one of them was told to be over at that moment or later."""
        told = exists().where(SsoLogout.hash.in_(names), SsoLogout.told_at >= since)
        return bool(await self._session.scalar(select(told)))


def of_session(
    model: type[SsoCode] | type[SsoSession], identity_id: UUID, sid: str | None
) -> tuple[ColumnElement[bool], ...]:
    whose: ColumnElement[bool] = model.identity_id == identity_id
    return (whose,) if sid is None else (whose, model.sid == sid)


def as_uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
