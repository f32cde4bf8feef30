"""What became of PINs and payments, as protos."""

from orrery.auth.v1 import second_factors_pb2 as pb

from services.auth.second_factors.codes import Outcome
from services.auth.second_factors.payments import BEFORE, BY_PIN, Decision
from services.auth.second_factors.pins import Guess

PIN_INVALID, OTP_INVALID, REPEATED = "PIN_INVALID", "OTP_INVALID", "PAYMENT_AUTHORISED_BEFORE"
SENTENCES = {
    (PIN_INVALID, Outcome.WRONG): "The PIN is wrong.",
    (OTP_INVALID, Outcome.WRONG): "The code is wrong.",
    (OTP_INVALID, Outcome.USED): "This code was used before; wait for the app's next one.",
    (REPEATED, BEFORE): "This payment is authorised already; each one is authorised once.",
}


def pin_verdict(found: Guess) -> pb.PinVerdict:
    if found.is_right:
        return pb.PinVerdict(success=True)
    sentence = SENTENCES[PIN_INVALID, found.outcome]
    return pb.PinVerdict(success=False, detail=sentence, reason=PIN_INVALID, attempts_left=found.attempts_left)


def payment_verdict(decision: Decision, method: str) -> pb.PaymentVerdict:
    if decision.is_granted:
        return pb.PaymentVerdict(success=True)
    if decision.reason == BEFORE:
        return pb.PaymentVerdict(success=False, detail=SENTENCES[REPEATED, BEFORE], reason=REPEATED)
    reason = PIN_INVALID if method == BY_PIN else OTP_INVALID
    sentence = SENTENCES[reason, decision.reason]
    return pb.PaymentVerdict(success=False, detail=sentence, reason=reason, attempts_left=decision.attempts_left)
