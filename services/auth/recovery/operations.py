"""What mailed tokens and passwords change.

What is refused here is noted and answered as None, not raised: the note must be committed.
"""

from datetime import UTC, datetime

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session, Tenant
from libs.database.tenant import Caller
from libs.jobs.deferring import present_caller
from services.auth.accounts.models import Account
from services.auth.accounts.operations import TAKEN
from services.auth.accounts.repository import Accounts
from services.auth.conflicts import conflicts
from services.auth.mails import Letter, post
from services.auth.recovery.models import Proof, Purpose
from services.auth.recovery.repository import Proofs, Secrets
from services.auth.recovery.tokens import LIFETIMES, PAGES, hashed, make

ADDRESSES = (Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL)
EXPIRED, USED, UNKNOWN = "expired_token", "used_token", "unknown_token"
WRONG_PASSWORD, ADDRESS_TAKEN = "wrong_password", "address_taken"  # words of an event


async def mail_token(session: Session, account: Account, purpose: Purpose, email: str) -> None:
    """Mail a token to an address; earlier ones of the same purpose are good no more."""
    token = make()
    await Proofs(session).add(hashed(token), account.user_id, purpose, email, LIFETIMES[purpose])
    values = {"username": account.username, "link": PAGES[purpose] + token}
    if purpose is Purpose.RESET_PASSWORD:
        values["minutes"] = str(int(LIFETIMES[purpose].total_seconds() // 60))
    await post(session, Letter(email, purpose, account.language or "", values))


async def prove(session: Session, token: str) -> bool:
    """Note that an address is proven; a new one takes effect. False where the token is not good. Raises EmailTaken."""
    proof = await Proofs(session).use(hashed(token), ADDRESSES)
    account = await Secrets(session).active(proof.user_id) if proof else None
    if proof is None or account is None:
        await note_unusable(session, token, Purpose.VERIFY_EMAIL)
        return False
    if proof.purpose == Purpose.CHANGE_EMAIL:
        await move(session, account, proof.email)
    elif account.email != proof.email:
        await note(session, account.user_id, Purpose.VERIFY_EMAIL, EXPIRED)
        return False
    await mark_proven(session, account)
    return True


async def mark_proven(session: Session, account: Account) -> None:
    """The account's address is its owner's; told once."""
    if account.email_verified_at is None:
        account.email_verified_at = datetime.now(UTC)
        verified = events.EmailVerified(user_id=account.user_id, id=str(account.id))
        outbox.publish(session, verified, key=str(account.user_id), by=await actor(session, account.user_id))
        await session.flush()


async def move(session: Session, account: Account, email: str) -> None:
    """Give the account another address; the old one is told if it was proven. Raises EmailTaken."""
    before, was_proven = account.email, account.email_verified_at is not None
    account.email, account.email_verified_at = email, None
    with conflicts(TAKEN):
        await session.flush()
    await Proofs(session).void(account.user_id)
    if was_proven:
        values = {"username": account.username, "email": email}
        await post(session, Letter(before, "email_changed", account.language or "", values))
    changed = events.EmailChanged(user_id=account.user_id, id=str(account.id))
    outbox.publish(session, changed, key=str(account.user_id), by=await actor(session, account.user_id))


async def ask_to_move(session: Session, account: Account, email: str) -> None:
    """Mail a token to a new address. Whether it is another account's, nobody is told but the log."""
    if await Secrets(session).of_address(email):
        await note(session, account.user_id, Purpose.CHANGE_EMAIL, ADDRESS_TAKEN)
        return
    await mail_token(session, account, Purpose.CHANGE_EMAIL, email)
    asked = events.EmailChangeRequested(user_id=account.user_id, id=str(account.id))
    outbox.publish(session, asked, key=str(account.user_id), by=await actor(session, account.user_id))


async def begin_reset(session: Session, account: Account) -> None:
    """Mail a token to choose a new password with."""
    await mail_token(session, account, Purpose.RESET_PASSWORD, account.email)
    asked = events.PasswordResetRequested(user_id=account.user_id, id=str(account.id))
    outbox.publish(session, asked, key=str(account.user_id), by=await actor(session, account.user_id))


async def tell_password_changed(session: Session, account: Account, how: str, ended: int) -> None:
    """Void the tokens that were mailed before, and tell the person and the fleet."""
    await Proofs(session).void(account.user_id, (Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL))
    if account.email_verified_at is not None:
        await post(
            session, Letter(account.email, "password_changed", account.language or "", {"username": account.username})
        )
    changed = events.PasswordChanged(user_id=account.user_id, id=str(account.id), how=how, sessions_ended=ended)
    outbox.publish(session, changed, key=str(account.user_id), by=await actor(session, account.user_id))


async def actor(session: Session, user_id: int) -> Caller:
    """In whose name it is told: the caller's own where they are signed in, else the account's, for its organization."""
    asking = present_caller()
    if user_id and asking.user_id == user_id:
        return asking
    return await Accounts(session).arriving(user_id) or Tenant(user_id)


async def note_unusable(session: Session, token: str, purpose: Purpose) -> None:
    """Note that a token was refused, and why."""
    found = await Proofs(session).find(hashed(token))
    await note(session, found.user_id if found else 0, purpose, why(found))


def why(found: Proof | None) -> str:
    if found is None:
        return UNKNOWN
    return USED if found.used_at else EXPIRED


async def note(session: Session, user_id: int, purpose: str, reason: str) -> None:
    """Tell that something was refused."""
    refused = events.ProofRefused(user_id=user_id, purpose=purpose, reason=reason)
    outbox.publish(session, refused, key=str(user_id), by=await actor(session, user_id))
