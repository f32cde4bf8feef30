"""The step after the password, for accounts that have a second factor.

Only whoever sent the right password comes here: nobody else can make a wrong code count, and what locks codes locks
no passwords.
"""

from collections.abc import Sequence

from libs.database import Session
from libs.errors import Refusal
from services.auth.accounts.holder import Holder
from services.auth.second_factors import codes
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import Outcome, Proof, Purpose, Verdict
from services.auth.second_factors.errors import OtpLocked
from services.auth.second_factors.repository import Totps
from services.auth.sessions import operations
from services.auth.sessions.client import Client
from services.auth.sessions.errors import OtpInvalid, OtpRequired
from services.auth.sessions.operations import OTP, PASSWORD, SEVERAL
from services.auth.sessions.repository import Owner

REQUIRED, INVALID, LOCKED = "otp_required", "otp_invalid", "otp_locked"


async def second_step(
    session: Session, authenticator: Authenticator, holder: Holder, code: Proof, client: Client
) -> Sequence[str] | Refusal:
    """By what the holder is known now (RFC 8176); or the refusal, to be raised once what it counted is committed."""
    if not await Totps(session).is_enabled(holder.user_id):
        return (PASSWORD,)
    if not code:
        return refused(session, holder, client, REQUIRED, OtpRequired())
    verdict = await codes.check(session, authenticator, holder, code, Purpose.LOGIN)
    if verdict.is_accepted:
        return (PASSWORD, SEVERAL) if code.otp is None else (PASSWORD, OTP, SEVERAL)
    return refused(session, holder, client, *meant(verdict))


def meant(verdict: Verdict) -> tuple[str, Refusal]:
    if verdict.outcome is Outcome.LOCKED:
        return LOCKED, OtpLocked(verdict.retry_after_seconds)
    return INVALID, OtpInvalid()


def refused(session: Session, holder: Holder, client: Client, reason: str, refusal: Refusal) -> Refusal:
    operations.note_refusal(session, Owner(holder.user_id, holder.organization_id), reason, client)
    return refusal
