"""Authorising payments: by a code or the PIN, for one payment id, once. Each attempt is logged with its outcome."""

from dataclasses import dataclass
from typing import NamedTuple

from google.protobuf.message import Message
from orrery.auth.second_factors.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Identity

from libs import outbox
from libs.database import Database, Session
from libs.rpc import request_id
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.repository import Accounts
from services.auth.second_factors import codes, pins
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.backup_codes import FORM
from services.auth.second_factors.codes import Outcome, Proof, Purpose, Verdict
from services.auth.second_factors.errors import PinLocked, PinMissing
from services.auth.second_factors.models import GRANTED, REFUSED
from services.auth.second_factors.repository import PaymentLog

BY_PIN = "pin"
BEFORE = "authorised_before"


@dataclass(frozen=True, slots=True)
class Payment:
    """What is authorised: this payment, for this amount and payee where they are given."""

    payment_id: str
    method: str
    amount: float | None = None
    payee: str | None = None


class Decision(NamedTuple):
    """Whether a payment is authorised; the reason where it is not, in the words of the log."""

    reason: str
    attempts_left: int = 0
    retry_after_seconds: int = 0

    @property
    def is_granted(self) -> bool:
        return self.reason == Outcome.ACCEPTED


class Payments:
    """Authorises payments."""

    def __init__(self, database: Database, passwords: Passwords, authenticator: Authenticator) -> None:
        self._database, self._passwords, self._authenticator = database, passwords, authenticator

    async def authorise(self, who: Identity, payment: Payment, code: str) -> Decision:
        """Wrong, used and repeated codes are answered. Raises what is no question of the code: that it is locked
        (OtpLocked, PinLocked) or not set up (SecondFactorMissing, PinMissing); AccountGone, TooManyPasswords."""
        if await self._is_repeated(who, payment):
            return Decision(BEFORE)
        decided = self._by_pin if payment.method == BY_PIN else self._by_code
        decision = await decided(who, payment, code)
        ensure_open(decision, payment.method)
        return decision

    async def _is_repeated(self, who: Identity, payment: Payment) -> bool:
        """A payment that is authorised already; told before a code is used up for nothing."""
        async with self._database.transaction(who) as session:
            await Accounts(session).get_active(who.user_id)
            is_repeated = await PaymentLog(session).is_granted(who.user_id, payment.payment_id)
            if is_repeated:
                await note(session, who, payment, Decision(BEFORE))
        return is_repeated

    async def _by_pin(self, who: Identity, payment: Payment, pin: str) -> Decision:
        found = await pins.guess(self._database, self._passwords, who, pin)
        async with self._database.transaction(who) as session:
            await pins.settle(session, who, found, pins.PAYMENT)
            decision = Decision(found.outcome, found.attempts_left, found.lock_seconds)
            return await note(session, who, payment, decision)

    async def _by_code(self, who: Identity, payment: Payment, code: str) -> Decision:
        proof = Proof(backup=code) if FORM.fullmatch(code) else Proof(otp=code)
        async with self._database.transaction(who) as session:
            found = await codes.check(session, self._authenticator, who, proof, Purpose.PAYMENT)
            decision = Decision(found.outcome, found.attempts_left, found.retry_after_seconds)
            return await note(session, who, payment, decision)


async def note(session: Session, who: Identity, payment: Payment, decision: Decision) -> Decision:
    """Log the attempt and tell the fleet; the log decides which of several at once is granted."""
    log_id = await log(session, who, payment, decision)
    if log_id is None:
        return await note(session, who, payment, Decision(BEFORE))
    outbox.publish(session, told(who.user_id, log_id, payment, decision), key=str(who.user_id))
    return decision


def told(user_id: int, log_id: int, payment: Payment, decision: Decision) -> Message:
    kind = events.PaymentAuthorised if decision.is_granted else events.PaymentRefused
    event = kind(
        log_id=log_id,
        user_id=user_id,
        payment_id=payment.payment_id,
        method=payment.method,
        amount=payment.amount,
        payee=payment.payee,
    )
    if isinstance(event, events.PaymentRefused):
        event.reason = decision.reason
    return event


async def log(session: Session, who: Identity, payment: Payment, decision: Decision) -> int | None:
    """The row's id; None where the payment was granted before."""
    document = {
        "amount": payment.amount,
        "payee": payment.payee,
        "reason": None if decision.is_granted else decision.reason,
        "address": who.address or None,
        "request_id": request_id() or None,
    }
    return await PaymentLog(session).add(
        user_id=who.user_id,
        payment_id=payment.payment_id,
        auth_method=payment.method,
        status=GRANTED if decision.is_granted else REFUSED,
        document={name: value for name, value in document.items() if value is not None},
    )


def ensure_open(decision: Decision, method: str) -> None:
    """Raise where no code was looked at; only after the commit."""
    if method != BY_PIN and decision.reason in (Outcome.MISSING, Outcome.LOCKED):
        Verdict(Outcome(decision.reason), 0, decision.retry_after_seconds).ensure()
    if decision.reason == Outcome.MISSING:
        raise PinMissing
    if decision.reason == Outcome.LOCKED:
        raise PinLocked(decision.retry_after_seconds)
