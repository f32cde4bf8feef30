"""Signing in with a password: it is looked up, compared, and only then a session begins.

Comparing takes 50 ms of a core, and no transaction is open meanwhile. An unknown name takes the same way and the same
time as a wrong password: the same read, the same hash, the same note in the outbox.
"""

from dataclasses import dataclass

from libs.database import SYSTEM, Database, Session
from services.auth.accounts import repository as accounts
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.repository import Accounts, Credentials
from services.auth.accounts.rules import LONGEST_EMAIL, USERNAME, normal_email, refuse_long_password
from services.auth.sessions import operations
from services.auth.sessions.client import Client
from services.auth.sessions.errors import InvalidCredentials
from services.auth.sessions.operations import Entry
from services.auth.sessions.repository import Owner

WRONG, INACTIVE, UNKNOWN = "wrong_password", "inactive", "unknown_account"
ATTEMPTS = 3  # an account may change while its password is compared


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody says who they are; `name` is a username or an e-mail address."""

    name: str
    password: str
    client: Client


async def sign_in(database: Database, passwords: Passwords, attempt: Attempt) -> Entry:
    """Raises InvalidCredentials, TooManyPasswords, and Invalid for a password of over 1024 characters."""
    refuse_long_password(attempt.password)
    for _ in range(ATTEMPTS):
        found = await look_up(database, attempt.name)
        matches = await passwords.verify(attempt.password, found.password_hash if found else None)
        if found is None or not matches or not found.may_sign_in:
            await note_refusal(database, found, matches, attempt.client)
            raise InvalidCredentials
        renewed = await passwords.hash(attempt.password) if passwords.is_outdated(found.password_hash) else None
        async with database.transaction(SYSTEM) as session:
            entry = await enter(session, found, renewed, attempt.client)
        if entry:
            return entry
    raise InvalidCredentials


async def look_up(database: Database, name: str) -> Credentials | None:
    if USERNAME.fullmatch(name):
        return await accounts.credentials(database, accounts.BY_USERNAME, name.lower())
    address = normal_email(name) if len(name) <= LONGEST_EMAIL and "\0" not in name else ""
    return await accounts.credentials(database, accounts.BY_EMAIL, address)


async def enter(session: Session, found: Credentials, renewed: str | None, client: Client) -> Entry | None:
    """Begin a session, and keep a renewed hash; None where the account changed since it was read."""
    known = Accounts(session)
    if renewed and not await known.replace_hash(found.user_id, found.password_hash, renewed):
        return None
    holder = await known.entering(found.user_id, renewed or found.password_hash)
    return await operations.start(session, holder, client) if holder else None


async def note_refusal(database: Database, found: Credentials | None, matches: bool, client: Client) -> None:
    """In a transaction of its own, which stays when the call is refused."""
    whose = Owner(found.user_id, str(found.organization_id or "")) if found else Owner(0, "")
    reason = UNKNOWN if found is None else INACTIVE if matches else WRONG
    async with database.transaction(SYSTEM) as session:
        operations.note_refusal(session, whose, reason, client)
