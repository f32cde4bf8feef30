"""Every SELECT of mailed tokens and of what they change."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, text, update

from libs.database import SYSTEM, Database, HotQuery, Session
from services.auth.accounts.models import Account
from services.auth.recovery.models import Proof, Purpose

KEPT = timedelta(days=1)  # after their end, so that a second use is told from an unknown token
OWN_PASSWORD = HotQuery("""
SELECT user_id, password_hash, username, email FROM user_account WHERE user_id = %(user_id)s AND is_active
""")

TABLES = (
    "passkey", "api_token", "user_2fa", "user_pin", "sso_identity", "platform_key", "oauth_grant", "oauth_consent",
)  # fmt: skip
CREDENTIALS = (
    *(text(f"DELETE FROM {table} WHERE user_id = :user_id RETURNING 1") for table in TABLES),  # noqa: S608  # as above
    text("UPDATE api_key SET revoked_at = now() WHERE created_by = :user_id AND revoked_at IS NULL RETURNING 1"),
    text("DELETE FROM oauth_client WHERE created_by = :user_id RETURNING 1"),
)
# Of their organizations the person alone stays: whoever else is there came in by the stranger.
OTHERS = text("""
DELETE FROM organization_member m USING organization o
WHERE o.id = m.organization_id AND o.owner_id = :user_id AND m.user_id <> :user_id RETURNING m.organization_id
""")
INVITED = text("""
UPDATE organization_invitation i SET revoked_at = now() FROM organization o
WHERE o.id = i.organization_id AND o.owner_id = :user_id AND i.accepted_at IS NULL AND i.revoked_at IS NULL RETURNING 1
""")
APPS = text("SELECT id FROM oauth_client WHERE created_by = :user_id")


class Known(NamedTuple):
    """A person who is signed in, and the password that they should know."""

    user_id: int
    password_hash: str
    username: str
    email: str


async def known(database: Database, user_id: int) -> Known | None:
    rows = await OWN_PASSWORD.rows(database, SYSTEM, user_id=user_id)
    return Known(*rows[0]) if rows else None


class Proofs:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, hash_: bytes, user_id: int, purpose: Purpose, email: str, lifetime: timedelta) -> None:
        """The one token of its purpose: earlier ones are good no more."""
        await self.void(user_id, (purpose,))
        row = {"hash": hash_, "user_id": user_id, "purpose": purpose, "email": email}
        await self._session.execute(insert(Proof).values(expires_at=func.now() + lifetime, **row))

    async def use(self, hash_: bytes, purposes: Collection[Purpose]) -> Proof | None:
        """Spend a token; None where it is unknown, spent or too old. However often it comes at once, one gets it."""
        good = Proof.hash == hash_, Proof.purpose.in_(purposes), Proof.used_at.is_(None), Proof.expires_at > func.now()
        return await self._session.scalar(update(Proof).where(*good).values(used_at=func.now()).returning(Proof))

    async def find(self, hash_: bytes) -> Proof | None:
        """A token, whether it is still good or not."""
        return await self._session.scalar(select(Proof).where(Proof.hash == hash_))

    async def live(self, hash_: bytes, purpose: Purpose) -> Proof | None:
        """A token that is good, left unspent."""
        good = Proof.hash == hash_, Proof.purpose == purpose, Proof.used_at.is_(None), Proof.expires_at > func.now()
        return await self._session.scalar(select(Proof).where(*good))

    async def void(self, user_id: int, purposes: Collection[Purpose] = tuple(Purpose)) -> None:
        """Make a person's unspent tokens of these purposes unknown."""
        theirs = Proof.user_id == user_id, Proof.purpose.in_(purposes), Proof.used_at.is_(None)
        await self._session.execute(delete(Proof).where(*theirs))

    async def forget(self, most: int) -> int:
        """Delete at most so many that are over; answers how many."""
        over = select(Proof.hash).where(Proof.expires_at < func.now() - KEPT).limit(most)
        return len((await self._session.execute(delete(Proof).where(Proof.hash.in_(over)).returning(literal(1)))).all())


class Secrets:
    """The columns of accounts that sign people in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_address(self, email: str) -> Account | None:
        """The account that may act and has this address (in normal form)."""
        return await self._session.scalar(select(Account).where(Account.email == email, Account.is_active))

    async def active(self, user_id: int) -> Account | None:
        """The account, locked for a change; None of a suspended one."""
        theirs = select(Account).where(Account.user_id == user_id, Account.is_active)
        return await self._session.scalar(theirs.with_for_update())

    async def apps(self, user_id: int) -> Sequence[UUID]:
        """The OAuth clients that the account registered: each can act in its name by a secret of its own."""
        return (await self._session.scalars(APPS, {"user_id": user_id})).all()

    async def empty_organizations(self, user_id: int) -> list[UUID]:
        """Take everybody else out of the organizations that the person owns; answers one for each."""
        await self._session.execute(INVITED, {"user_id": user_id})
        return list((await self._session.execute(OTHERS, {"user_id": user_id})).scalars())

    async def remove_credentials(self, user_id: int) -> int:
        """Delete or revoke all but the password that could act for the account; answers how many there were."""
        removed = 0
        for statement in CREDENTIALS:
            removed += len((await self._session.execute(statement, {"user_id": user_id})).all())
        return removed

    async def replace(self, user_id: int, old: str, new: str) -> Account | None:
        """Exchange the password's hash, of a one-time password too; None where it is no more the old one."""
        same = Account.user_id == user_id, Account.password_hash == old, Account.is_active
        change = update(Account).where(*same).values(password_hash=new, password_expires_at=None)
        return await self._session.scalar(change.returning(Account))
