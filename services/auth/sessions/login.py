"""Signing in with a password: it is looked up, compared, a code asked for where one is due, and then a session begins.

Comparing takes 50 ms of a core, and no transaction is open meanwhile. An unknown name takes the same way and the same
time as a wrong password: the same read, the same hash, the same note in the outbox.
"""

from dataclasses import dataclass
from uuid import UUID

from libs.database import SYSTEM, Database, Session
from libs.errors import Refusal
from services.auth.accounts import repository as accounts
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.repository import Accounts, Credentials
from services.auth.accounts.rules import LONGEST_EMAIL, USERNAME, normal_email, refuse_long_password
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import NO_CODE, Proof
from services.auth.sessions import operations
from services.auth.sessions.client import Client
from services.auth.sessions.errors import InvalidCredentials, OrganizationUnknown, PasswordChangeRequired
from services.auth.sessions.operations import Entry
from services.auth.sessions.repository import Owner
from services.auth.sessions.second_step import second_step
from services.auth.throttles.guesses import Guess, compare
from services.auth.throttles.operations import Ticket

WRONG, INACTIVE, UNKNOWN = "wrong_password", "inactive", "unknown_account"
ATTEMPTS = 3  # an account may change while its password is compared


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody says who they are; `name` is a username or an e-mail address."""

    name: str
    password: str
    client: Client
    code: Proof = NO_CODE
    organization_id: UUID | None = None  # the oldest where none is named


async def sign_in(database: Database, passwords: Passwords, authenticator: Authenticator, attempt: Attempt) -> Entry:
    """Raises InvalidCredentials, TooManyAttempts, TooManyPasswords, and Invalid for a password of over 1024
    characters; PasswordChangeRequired for a one-time password; where the account has a second factor OtpRequired,
    OtpInvalid and OtpLocked; OrganizationUnknown, AddressNotAllowed and HttpsRequired.
    """
    refuse_long_password(attempt.password)
    for _ in range(ATTEMPTS):
        found = await look_up(database, attempt.name)
        ticket = await compare(database, passwords, guess(found, attempt))
        if found is None or ticket is None or not found.may_sign_in:
            await note_refusal(database, found, ticket is not None, attempt.client)
            raise InvalidCredentials
        if found.is_one_time:
            await settle(database, ticket)
            raise PasswordChangeRequired
        renewed = await passwords.hash(attempt.password) if passwords.is_outdated(found.password_hash) else None
        async with database.transaction(SYSTEM) as session:
            entry = await enter(session, found, renewed, authenticator, attempt)
            await ticket.settle(session)
        if isinstance(entry, Refusal):
            raise entry
        if entry:
            return entry
    raise InvalidCredentials


async def look_up(database: Database, name: str) -> Credentials | None:
    if USERNAME.fullmatch(name):
        return await accounts.credentials(database, accounts.BY_USERNAME, name.lower())
    address = normal_email(name) if len(name) <= LONGEST_EMAIL and "\0" not in name else ""
    return await accounts.credentials(database, accounts.BY_EMAIL, address)


async def settle(database: Database, ticket: Ticket) -> None:
    """The password was right, though nobody is signed in."""
    async with database.transaction(SYSTEM) as session:
        await ticket.settle(session)


def guess(found: Credentials | None, attempt: Attempt) -> Guess:
    """The password as a guess at whoever was found; a name is one in whatever case it is written."""
    name = normal_email(attempt.name)
    if found is None:
        return Guess(attempt.password, None, 0, name, attempt.client)
    organization_id = str(found.organization_id or "")
    return Guess(attempt.password, found.password_hash, found.user_id, name, attempt.client, organization_id)


async def enter(
    session: Session, found: Credentials, renewed: str | None, authenticator: Authenticator, attempt: Attempt
) -> Entry | Refusal | None:
    """Begin a session, and keep a renewed hash; None where the account changed since it was read.

    What the second step refuses is answered, not raised, for it must be committed.
    """
    known = Accounts(session)
    if renewed and not await known.replace_hash(found.user_id, found.password_hash, renewed):
        return None
    password = renewed or found.password_hash
    holder = await known.entering(found.user_id, password, attempt.organization_id)
    if holder is None:
        is_elsewhere = attempt.organization_id and await known.entering(found.user_id, password)
        return OrganizationUnknown() if is_elsewhere else None
    if refusal := holder.limits.refusal(attempt.client):
        operations.note_refusal(session, holder, refusal.reason.lower(), attempt.client)
        return refusal
    amr = await second_step(session, authenticator, holder, attempt.code, attempt.client)
    return amr if isinstance(amr, Refusal) else await operations.start(session, holder, attempt.client, amr)


async def note_refusal(database: Database, found: Credentials | None, matches: bool, client: Client) -> None:
    """In a transaction of its own, which stays when the call is refused."""
    whose = Owner(found.user_id, str(found.organization_id or "")) if found else Owner(0, "")
    reason = UNKNOWN if found is None else INACTIVE if matches else WRONG
    async with database.transaction(SYSTEM) as session:
        operations.note_refusal(session, whose, reason, client)
