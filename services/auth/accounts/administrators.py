"""Making a platform administrator, at the command line alone: nobody becomes one over the network."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Database, Session
from services.auth.accounts import operations
from services.auth.accounts.errors import AdministratorExists
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.registration import greet
from services.auth.accounts.repository import Accounts
from services.auth.accounts.rules import Applicant, PasswordRules, admit
from services.auth.organizations.operations import Charter

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else
GROUPS, LETTERS = 4, 5  # 99 bits
LIFETIME = timedelta(days=3)


class Made(NamedTuple):
    """A new administrator, who must exchange the password before it signs them in."""

    username: str
    password: str
    expires_at: datetime


async def create(database: Database, passwords: Passwords, username: str, email: str, *, force: bool) -> Made:
    """Make an administrator with a one-time password.

    Raises Invalid, UsernameTaken, EmailTaken, and AdministratorExists where there is one already and `force` is off.
    """
    password, expires_at = one_time_password(), datetime.now(UTC) + LIFETIME
    applicant = admit(Applicant(username, email, password), PasswordRules())
    password_hash = await passwords.hash(password)
    async with database.transaction(SYSTEM) as session:
        if await Accounts(session).has_administrator() and not force:
            raise AdministratorExists
        await promote(session, applicant, password_hash, expires_at)
    return Made(applicant.username, password, expires_at)


async def promote(session: Session, applicant: Applicant, password_hash: str, expires_at: datetime) -> None:
    """Make the account, and an administrator of it."""
    holder = await operations.create(session, applicant, password_hash, Charter(applicant.username, is_personal=True))
    account = await Accounts(session).get_active(holder.user_id)
    account.is_admin, account.password_expires_at = True, expires_at
    await session.flush()
    await greet(session, holder)
    created = events.AdministratorCreated(user_id=account.user_id, id=str(account.id), username=account.username)
    outbox.publish(session, created, key=str(account.user_id), by=holder)


def one_time_password() -> str:
    """Four groups of five letters and digits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))
