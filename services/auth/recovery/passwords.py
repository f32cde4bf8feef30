"""Choosing a new password: what is asked for is compared, the new one is hashed, and then all changes at once. Hashing
takes 50 ms of a core, and no transaction is open meanwhile."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from libs.database import SYSTEM, Database, Session
from libs.errors import Violation
from libs.rpc import caller
from services.auth.accounts.errors import AccountGone
from services.auth.accounts.models import Account
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rules import PasswordRules, refuse_long_password
from services.auth.fields import refuse
from services.auth.recovery import operations
from services.auth.recovery.errors import MailedTokenUnusable, WrongPassword
from services.auth.recovery.models import Purpose
from services.auth.recovery.reclaiming import reclaim
from services.auth.recovery.repository import Known, Proofs, Secrets, known
from services.auth.recovery.tokens import hashed
from services.auth.sessions import operations as sessions
from services.auth.sessions.client import Client
from services.auth.sessions.errors import InvalidCredentials
from services.auth.sessions.invalidation import Kind, invalidate
from services.auth.sessions.login import Attempt, guess, look_up
from services.auth.throttles import places
from services.auth.throttles.guesses import Guess, compare
from services.auth.throttles.operations import Ticket, subject_of
from services.auth.throttles.repository import Places, Throttles

CHANGE, RESET, ONE_TIME = "change", "reset", "one_time"
CHANGE_PASSWORD, REPLACE_PASSWORD = "change_password", "replace_password"  # words of an event
ENDED = "password_changed"
NEW = "new_password"


class Confirming(NamedTuple):
    """The field that the password was sent in, and what it is asked for."""

    field: str
    purpose: str


CHANGING = Confirming("current_password", CHANGE_PASSWORD)


@dataclass(frozen=True, slots=True)
class Desk:
    """What changing a password works with."""

    database: Database
    passwords: Passwords
    rules: PasswordRules


async def myself(desk: Desk, user_id: int) -> Known:
    """Who is signed in; raises AccountGone."""
    owner = await known(desk.database, user_id)
    if owner is None:
        raise AccountGone
    return owner


async def confirm(desk: Desk, owner: Known, password: str, client: Client, why: Confirming) -> Ticket:
    """Whoever is signed in knows their password. Raises WrongPassword, TooManyAttempts."""
    refuse_long_password(password)
    asked = Guess(password, owner.password_hash, owner.user_id, owner.username, client, caller().organization_id)
    ticket = await compare(desk.database, desk.passwords, asked)
    if ticket is None:
        async with desk.database.transaction(SYSTEM) as session:
            await operations.note(session, owner.user_id, why.purpose, operations.WRONG_PASSWORD)
        raise WrongPassword(why.field)
    return ticket


async def change(desk: Desk, user_id: int, own: UUID, current: str, new: str, client: Client) -> None:
    """Change one's own password; one's other sessions end. Raises Invalid, WrongPassword, TooManyAttempts."""
    owner = await myself(desk, user_id)
    refuse(*desk.rules.violations(new, NEW, owner.username, owner.email), *unchanged(current, new))
    ticket = await confirm(desk, owner, current, client, CHANGING)
    new_hash = await desk.passwords.hash(new, places.share(client.address))
    async with desk.database.transaction(SYSTEM) as session:
        account = await Secrets(session).replace(user_id, owner.password_hash, new_hash)
        if account is None:
            raise WrongPassword(CHANGING.field)
        await ticket.settle(session)
        ended = await sessions.end_all(session, user_id, ENDED, but=own)
        await operations.tell_password_changed(session, account, CHANGE, ended)


async def reset(desk: Desk, token: str, new: str, client: Client) -> None:
    """Choose a new password by a mailed token; all sessions end. Raises Invalid, MailedTokenUnusable."""
    owner = await owner_of(desk.database, token)
    if owner is None:
        raise MailedTokenUnusable
    refuse(*desk.rules.violations(new, "password", owner.username, owner.email))
    new_hash = await desk.passwords.hash(new, places.share(client.address))
    async with desk.database.transaction(SYSTEM) as session:
        is_done = await take_over(session, token, new_hash, client)
    if not is_done:
        raise MailedTokenUnusable


async def owner_of(database: Database, token: str) -> Account | None:
    """Whose a token is, before a password is hashed for nothing."""
    async with database.transaction(SYSTEM) as session:
        proof = await Proofs(session).live(hashed(token), Purpose.RESET_PASSWORD)
        owner = await Secrets(session).active(proof.user_id) if proof else None
        if owner is None:
            await operations.note_unusable(session, token, Purpose.RESET_PASSWORD)
        return owner


async def take_over(session: Session, token: str, new_hash: str, client: Client) -> bool:
    """Whoever reads the account's mails is its owner: from now on, and in no session from before."""
    proof = await Proofs(session).use(hashed(token), (Purpose.RESET_PASSWORD,))
    account = await Secrets(session).active(proof.user_id) if proof else None
    if proof is None or account is None or account.email != proof.email:
        await operations.note_unusable(session, token, Purpose.RESET_PASSWORD)
        return False
    account.password_hash, account.password_expires_at = new_hash, None
    if account.email_verified_at is None:
        await reclaim(session, account)
    await operations.mark_proven(session, account)
    ended = await sessions.end_all(session, account.user_id, ENDED)
    by = await operations.actor(session, account.user_id)
    invalidate(session, Kind.ACCOUNT, account.id, ENDED, user_id=account.user_id, by=by)
    await operations.tell_password_changed(session, account, RESET, ended)
    await let_in(session, account.user_id, client)
    return True


async def let_in(session: Session, user_id: int, client: Client) -> None:
    """Failures of others no longer keep the owner waiting, who is known at this place now."""
    await Throttles(session).open(subject_of(user_id, ""))
    place, network = places.place(client.address), places.network(client.address)
    if place and network:
        await Places(session).arrive(user_id, place, network)


async def replace(desk: Desk, name: str, password: str, new: str, client: Client) -> None:
    """Exchange a one-time password for one's own. Raises Invalid, InvalidCredentials, TooManyAttempts."""
    refuse_long_password(password)
    refuse(*desk.rules.violations(new, NEW, name), *unchanged(password, new))
    found = await look_up(desk.database, name)
    ticket = await compare(desk.database, desk.passwords, guess(found, Attempt(name, password, client)))
    if found is None or ticket is None or not (found.may_sign_in and found.is_one_time):
        async with desk.database.transaction(SYSTEM) as session:
            await operations.note(session, found.user_id if found else 0, REPLACE_PASSWORD, operations.WRONG_PASSWORD)
        raise InvalidCredentials
    new_hash = await desk.passwords.hash(new, places.share(client.address))
    async with desk.database.transaction(SYSTEM) as session:
        account = await Secrets(session).replace(found.user_id, found.password_hash, new_hash)
        if account is None:
            raise InvalidCredentials
        await ticket.settle(session)
        await operations.tell_password_changed(session, account, ONE_TIME, 0)


def unchanged(before: str, now: str) -> tuple[Violation, ...]:
    """Of a new password that is the old one."""
    return (Violation(NEW, "This must be another password than before.", "unchanged"),) if before == now else ()
