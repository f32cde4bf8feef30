"""PINs: a try is counted and committed, then compared in the pool of passwords, then settled.

Comparing takes 50 ms of a core, and no transaction is open meanwhile. A call that dies in between has used its try up.
"""

from typing import NamedTuple

from orrery.auth.second_factors.v1 import events_pb2 as events

from libs import outbox
from libs.database import Database, Session
from libs.database.tenant import Caller
from services.auth.accounts.errors import TooManyPasswords
from services.auth.accounts.passwords import Passwords
from services.auth.second_factors.codes import Outcome
from services.auth.second_factors.errors import PinInvalid, PinLocked, PinMissing
from services.auth.second_factors.repository import Pins

VERIFY, CHANGE, PAYMENT = "verify", "change", "payment"
WRONG_PASSWORD = "wrong_password"  # noqa: S105  # a word, no password


class Guess(NamedTuple):
    """What became of a PIN, and the hash that it was compared with."""

    outcome: Outcome
    pin_hash: str = ""
    attempts_left: int = 0
    lock_seconds: int = 0

    @property
    def is_right(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    def ensure_open(self) -> None:
        """Raise PinMissing or PinLocked where nothing was compared; only after the commit."""
        if self.outcome is Outcome.MISSING:
            raise PinMissing
        if self.outcome is Outcome.LOCKED:
            raise PinLocked(self.lock_seconds)

    def ensure_right(self) -> None:
        self.ensure_open()
        if not self.is_right:
            raise PinInvalid


async def guess(
    database: Database, passwords: Passwords, who: Caller, secret: str, other_hash: str | None = None
) -> Guess:
    """Count a try and compare; with `other_hash` the secret is the password of that hash instead of the PIN.

    Raises TooManyPasswords, and the try was none then.
    """
    async with database.transaction(who) as session:
        taken = await Pins(session).take(who.user_id)
        if taken is None:
            return await closed(session, who)
    matches = await compare(database, passwords, who, secret, other_hash or taken.secret)
    outcome = Outcome.ACCEPTED if matches else Outcome.WRONG
    return Guess(outcome, taken.secret, taken.left, taken.lock_seconds)


async def closed(session: Session, who: Caller) -> Guess:
    """Why no try was due."""
    if await Pins(session).hash_of(who.user_id) is None:
        return Guess(Outcome.MISSING)
    return Guess(Outcome.LOCKED, lock_seconds=max(1, await Pins(session).lock_left(who.user_id)))


async def compare(database: Database, passwords: Passwords, who: Caller, secret: str, stored: str) -> bool:
    try:
        return await passwords.verify(secret, stored)
    except TooManyPasswords:
        async with database.transaction(who) as session:
            await Pins(session).give_back(who.user_id)
        raise


async def settle(session: Session, who: Caller, found: Guess, purpose: str, wrong: str = Outcome.WRONG) -> None:
    """Forget the wrong ones after a right one, and tell what was found."""
    if found.outcome is Outcome.MISSING:
        return
    if found.is_right:
        await Pins(session).forgive(who.user_id, found.pin_hash)
        if purpose == VERIFY:
            outbox.publish(session, events.PinVerified(user_id=who.user_id), key=str(who.user_id))
        return
    reason = wrong if found.outcome is Outcome.WRONG else found.outcome
    refused = events.PinRefused(user_id=who.user_id, purpose=purpose, reason=reason, locked_seconds=found.lock_seconds)
    outbox.publish(session, refused, key=str(who.user_id))


async def verify(database: Database, passwords: Passwords, who: Caller, pin: str) -> Guess:
    """Whether this is the PIN. Raises PinMissing, PinLocked, TooManyPasswords."""
    found = await guess(database, passwords, who, pin)
    async with database.transaction(who) as session:
        await settle(session, who, found, VERIFY)
    found.ensure_open()
    return found
