"""Checking a code of the app or a backup code, for whatever asks for one.

What comes out is answered, not raised: a wrong code is counted and told in the transaction that looked at it, and that
one must commit.
"""

from dataclasses import dataclass
from enum import StrEnum

from orrery.auth.second_factors.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from services.auth.second_factors import backup_codes
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.errors import OtpInvalid, OtpLocked, SecondFactorMissing
from services.auth.second_factors.repository import Taken, Totps
from services.auth.second_factors.rules import OTP


class Purpose(StrEnum):
    """What a code is asked for."""

    LOGIN = "login"
    ENABLE = "enable"
    DISABLE = "disable"
    BACKUP_CODES = "backup_codes"
    PIN = "pin"
    PAYMENT = "payment"


class Outcome(StrEnum):
    """What became of a code or a PIN."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    USED = "used"
    LOCKED = "locked"
    MISSING = "not_set_up"


@dataclass(frozen=True, slots=True)
class Proof:
    """A code as somebody sent it; `otp` wins where both are there."""

    otp: str | None = None
    backup: str | None = None

    def __bool__(self) -> bool:
        return self.otp is not None or self.backup is not None

    @property
    def kind(self) -> str:
        return "backup_code" if self.otp is None else "totp"


NO_CODE = Proof()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and how many wrong ones may follow or how long none is taken."""

    outcome: Outcome
    attempts_left: int = 0
    retry_after_seconds: int = 0

    @property
    def is_accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    def ensure(self) -> None:
        """Raise what a code that was not taken is refused with; only after the commit."""
        if self.outcome is Outcome.MISSING:
            raise SecondFactorMissing
        if self.outcome is Outcome.LOCKED:
            raise OtpLocked(self.retry_after_seconds)
        if not self.is_accepted:
            raise OtpInvalid


async def check(session: Session, authenticator: Authenticator, who: Caller, proof: Proof, purpose: Purpose) -> Verdict:
    """Use a code up. A wrong one is counted, five in a row lock the app's codes but never the backup codes."""
    if proof.otp is None:
        verdict, left = await check_backup(session, authenticator, who.user_id, proof.backup or "")
    else:
        verdict, left = await check_otp(session, authenticator, who.user_id, proof.otp)
    if verdict.is_accepted:
        accepted = events.SecondFactorAccepted(
            user_id=who.user_id, purpose=purpose, kind=proof.kind, backup_codes_left=left
        )
        outbox.publish(session, accepted, key=str(who.user_id), by=who)
    elif verdict.outcome is not Outcome.MISSING:
        note_refusal(session, who, proof, purpose, verdict.outcome)
    return verdict


async def check_otp(session: Session, authenticator: Authenticator, user_id: int, code: str) -> tuple[Verdict, int]:
    """The verdict, and the backup codes left."""
    taken = await Totps(session).take(user_id)
    if taken is None:
        return await closed(session, user_id), 0
    step = authenticator.step(authenticator.opened(user_id, taken.secret), code) if OTP.fullmatch(code) else None
    if step is None:
        return wrong(taken, Outcome.WRONG), 0
    left = await Totps(session).accept(user_id, step)
    return (wrong(taken, Outcome.USED), 0) if left is None else (Verdict(Outcome.ACCEPTED), left)


async def check_backup(session: Session, authenticator: Authenticator, user_id: int, code: str) -> tuple[Verdict, int]:
    """The verdict, and the backup codes left."""
    found = await Totps(session).find(user_id)
    if found is None or not found.is_enabled or found.totp_secret is None:
        return Verdict(Outcome.MISSING), 0
    hashed = backup_codes.hashed(code, authenticator.opened(user_id, found.totp_secret))
    left = await Totps(session).spend(user_id, hashed)
    return (Verdict(Outcome.WRONG), 0) if left is None else (Verdict(Outcome.ACCEPTED), left)


async def closed(session: Session, user_id: int) -> Verdict:
    """Why no try was due."""
    found = await Totps(session).find(user_id)
    if found is None or not found.is_enabled:
        return Verdict(Outcome.MISSING)
    return Verdict(Outcome.LOCKED, 0, max(1, await Totps(session).lock_left(user_id)))


def wrong(taken: Taken, outcome: Outcome) -> Verdict:
    return Verdict(outcome, taken.left, taken.lock_seconds)


def note_refusal(session: Session, who: Caller, proof: Proof, purpose: Purpose, outcome: Outcome) -> None:
    refused = events.SecondFactorRefused(user_id=who.user_id, purpose=purpose, kind=proof.kind, reason=outcome)
    outbox.publish(session, refused, key=str(who.user_id), by=who)
