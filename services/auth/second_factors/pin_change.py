"""Setting a PIN: the first one needs the session alone, another one proof of who asks."""

from dataclasses import dataclass

from orrery.auth.second_factors.v1 import events_pb2 as events

from libs import outbox
from libs.database import Database
from libs.database.tenant import Caller
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.repository import Accounts
from services.auth.second_factors import codes, pins
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import NO_CODE, Proof, Purpose
from services.auth.second_factors.errors import PasswordWrong, PinChanged, ProofMissing
from services.auth.second_factors.notices import Change, tell
from services.auth.second_factors.pins import CHANGE, WRONG_PASSWORD
from services.auth.second_factors.repository import Pins

NONE, BY_PIN, BY_PASSWORD = "none", "pin", "password"


@dataclass(frozen=True, slots=True)
class PinChange:
    """A new PIN and what proves the person; the first proof that is there counts: PIN, code, password."""

    pin: str
    current_pin: str | None = None
    code: Proof = NO_CODE
    password: str | None = None


class PinChanges:
    """Changes PINs."""

    def __init__(self, database: Database, passwords: Passwords, authenticator: Authenticator) -> None:
        self._database, self._passwords, self._authenticator = database, passwords, authenticator

    async def make(self, who: Caller, change: PinChange) -> None:
        """Raises ProofMissing, PinInvalid, PinLocked, OtpInvalid, OtpLocked, PasswordWrong, PinChanged, AccountGone."""
        async with self._database.transaction(who) as session:
            old = await Pins(session).hash_of(who.user_id)
        proof = await self._proven(who, change) if old else NONE
        new = await self._passwords.hash(change.pin)
        async with self._database.transaction(who) as session:
            await Accounts(session).get_active(who.user_id)
            if not await Pins(session).replace(who.user_id, old, new):
                raise PinChanged
            outbox.publish(session, events.PinSet(user_id=who.user_id, proof=proof), key=str(who.user_id))
            await tell(session, who.user_id, Change.PIN)

    async def _proven(self, who: Caller, change: PinChange) -> str:
        """By what; raises the refusal of a proof that does not hold."""
        if change.current_pin is not None:
            await self._by_pin(who, change.current_pin)
            return BY_PIN
        if change.code:
            await self._by_code(who, change.code)
            return change.code.kind
        if change.password is None:
            raise ProofMissing
        await self._by_password(who, change.password)
        return BY_PASSWORD

    async def _by_pin(self, who: Caller, pin: str) -> None:
        found = await pins.guess(self._database, self._passwords, who, pin)
        async with self._database.transaction(who) as session:
            await pins.settle(session, who, found, CHANGE)
        found.ensure_right()

    async def _by_code(self, who: Caller, proof: Proof) -> None:
        async with self._database.transaction(who) as session:
            verdict = await codes.check(session, self._authenticator, who, proof, Purpose.PIN)
        verdict.ensure()

    async def _by_password(self, who: Caller, password: str) -> None:
        """A wrong password counts as a wrong PIN, so that a stolen session cannot guess it here."""
        async with self._database.transaction(who) as session:
            stored = (await Accounts(session).get_active(who.user_id)).password_hash
        found = await pins.guess(self._database, self._passwords, who, password, stored)
        async with self._database.transaction(who) as session:
            await pins.settle(session, who, found, CHANGE, WRONG_PASSWORD)
        found.ensure_open()
        if not found.is_right:
            raise PasswordWrong
