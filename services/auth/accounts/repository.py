"""Every SELECT of accounts."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from libs.database import SYSTEM, Database, HotQuery, Session
from libs.database.locks import Lock
from libs.database.tenant import Caller
from services.auth.accounts.errors import AccountGone
from services.auth.accounts.holder import Holder, Me
from services.auth.accounts.models import Account
from services.auth.organizations.models import Member, Organization, Status
from services.auth.roles.models import OF_ROLE, OrganizationRole
from services.auth.roles.permissions import granted
from services.auth.sessions.limits import Limits

# The organization that a sign-in acts for: the oldest membership whose organization is active.
CREDENTIALS = """
SELECT a.user_id, a.password_hash, m.organization_id,
    a.is_active AND m.organization_id IS NOT NULL AND coalesce(a.password_expires_at > now(), TRUE),
    a.password_expires_at IS NOT NULL
FROM user_account a LEFT JOIN LATERAL (
    SELECT m.organization_id FROM organization_member m JOIN organization o ON o.id = m.organization_id
    WHERE m.user_id = a.user_id AND o.status = 'active' ORDER BY m.created_at, m.organization_id LIMIT 1
) m ON TRUE WHERE """
BY_USERNAME = HotQuery(CREDENTIALS + "a.username_key = %(key)s")
BY_EMAIL = HotQuery(CREDENTIALS + "a.email = %(key)s")
ME = HotQuery("""
SELECT user_id, id, username, email, coalesce(display_name, username), is_admin
FROM user_account WHERE user_id = %(user_id)s
""")
TENANT_USER = HotQuery("""
SELECT a.id, a.email, a.username, m.role, m.organization_id, a.is_active, a.email_verified_at IS NOT NULL
FROM user_account a JOIN organization_member m ON m.user_id = a.user_id
WHERE a.user_id = %(user_id)s AND m.organization_id = nullif(%(organization_id)s::text, '')::uuid
""")
HOLDER = (
    select(
        Member.organization_id,
        Member.role,
        Organization.settings,
        OrganizationRole.permissions,
        Account.user_id,
        Account.id,
        Account.username,
        Account.email,
        func.coalesce(Account.display_name, Account.username),
        Account.is_admin,
    )
    .join(Member, Member.user_id == Account.user_id)
    .join(Organization, Organization.id == Member.organization_id)
    .join(OrganizationRole, OF_ROLE)
    .where(Account.is_active, Organization.status == Status.ACTIVE)
    .order_by(Member.created_at, Member.organization_id)
    .limit(1)
)


class Credentials(NamedTuple):
    """What a sign-in is decided by."""

    user_id: int
    password_hash: str
    organization_id: UUID | None
    may_sign_in: bool
    is_one_time: bool


class TenantUser(NamedTuple):
    """An account as a member of an organization."""

    id: UUID
    email: str
    username: str
    role: str
    organization_id: UUID
    is_active: bool
    is_verified: bool


async def credentials(database: Database, query: HotQuery, key: str) -> Credentials | None:
    """By BY_USERNAME (a username in lower case) or BY_EMAIL (an address in normal form)."""
    rows = await query.rows(database, SYSTEM, key=key)
    return Credentials(*rows[0]) if rows else None


async def me(database: Database, caller: Caller) -> Me:
    """The caller's account; raises AccountGone."""
    rows = await ME.rows(database, caller, user_id=caller.user_id)
    if not rows:
        raise AccountGone
    return Me(*rows[0])


async def tenant_user(database: Database, caller: Caller) -> TenantUser:
    """The caller in the organization that it acts for; raises AccountGone."""
    asked = {"user_id": caller.user_id, "organization_id": caller.organization_id}
    rows = await TENANT_USER.rows(database, caller, **asked)
    if not rows:
        raise AccountGone
    return TenantUser(*rows[0])


class Accounts:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, account: Account) -> Account:
        self._session.add(account)
        await self._session.flush()
        return account

    async def get_active(self, user_id: int) -> Account:
        """The account, locked for a change; raises AccountGone, of a suspended one too."""
        found = await self._session.get(Account, user_id, with_for_update=True)
        if found is None or not found.is_active:
            raise AccountGone
        return found

    async def has_administrator(self) -> bool:
        """Whether a platform administrator may act; two who ask wait for each other until their transactions end."""
        await self._session.execute(select(func.pg_advisory_xact_lock(Lock.ADMINISTRATORS)))
        found = select(Account.user_id).where(Account.is_admin, Account.is_active).limit(1)
        return await self._session.scalar(found) is not None

    async def named(self, username: str, email: str) -> list[Account]:
        """Those that have one of the two (an address in normal form)."""
        is_one: ColumnElement[bool] = or_(Account.username_key == username.lower(), Account.email == email)
        return list(await self._session.scalars(select(Account).where(is_one)))

    async def holder(self, user_id: int, organization_id: UUID) -> Holder | None:
        """The account as a member of this organization; None where either may not act."""
        return await self._holder(HOLDER.where(Account.user_id == user_id, Member.organization_id == organization_id))

    async def entering(self, user_id: int, password_hash: str, organization_id: UUID | None = None) -> Holder | None:
        """The account as a member of this organization, or of its oldest that is active, while it has this password.

        It can be neither suspended nor given another password until the transaction ends.
        """
        has_it = Account.user_id == user_id, Account.password_hash == password_hash
        acts = (Member.organization_id == organization_id,) if organization_id else ()
        return await self._holder(HOLDER.where(*has_it, *acts).with_for_update(read=True, of=Account))

    async def arriving(self, user_id: int) -> Holder | None:
        """The account as a member of its oldest organization that is active, for who proved to be it by no password.

        It cannot be suspended until the transaction ends.
        """
        return await self._holder(HOLDER.where(Account.user_id == user_id).with_for_update(read=True, of=Account))

    async def _holder(self, query: Select[*tuple[Any, ...]]) -> Holder | None:
        found = (await self._session.execute(query)).first()
        if found is None:
            return None
        organization_id, role, settings, permissions, *account = found
        return Holder(Me(*account), str(organization_id), role, granted(role, permissions), Limits.of(settings))

    async def replace_hash(self, user_id: int, old: str, new: str) -> bool:
        """Exchange a password's hash; False where it is no more the old one."""
        change = update(Account).where(Account.user_id == user_id, Account.password_hash == old)
        replaced = await self._session.scalar(change.values(password_hash=new).returning(Account.user_id))
        return replaced is not None
