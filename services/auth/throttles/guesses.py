"""Comparing a password that somebody says, at most as often as the throttle lets them."""

from dataclasses import dataclass

from libs.database import SYSTEM, Database, Tenant
from services.auth.accounts.errors import TooManyPasswords
from services.auth.accounts.passwords import Passwords
from services.auth.sessions.client import Client
from services.auth.throttles import places
from services.auth.throttles.operations import Ticket, admit


@dataclass(frozen=True, slots=True)
class Guess:
    """A password for an account (0 for none) under a name; `stored` is its hash, None where there is no account."""

    password: str
    stored: str | None
    user_id: int
    name: str
    client: Client
    organization_id: str = ""
    """For which the account would act."""


async def compare(database: Database, passwords: Passwords, guess: Guess) -> Ticket | None:
    """A ticket where the password is right, to be settled with what follows; None where it is wrong.

    Raises TooManyAttempts before any work, and TooManyPasswords, which counts as no attempt.
    """
    whose = Tenant(guess.user_id, guess.organization_id)
    ticket = await admit(database, whose, guess.name, guess.client)
    try:
        is_right = await passwords.verify(guess.password, guess.stored, places.share(guess.client.address))
    except TooManyPasswords:
        async with database.transaction(SYSTEM) as session:
            await ticket.give_back(session)
        raise
    return ticket if is_right else None
