"""Setting up, enabling and disabling the second factor."""

import asyncio
from typing import NamedTuple

from orrery.auth.second_factors.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from services.auth.accounts.repository import Accounts
from services.auth.second_factors import backup_codes, totp
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import Outcome, Proof, Purpose, Verdict, check, note_refusal
from services.auth.second_factors.errors import SecondFactorEnabled, SetupMissing
from services.auth.second_factors.models import Totp
from services.auth.second_factors.notices import Change, tell
from services.auth.second_factors.repository import Pins, Totps


class Setup(NamedTuple):
    """A secret for an authenticator app."""

    secret: str
    uri: str


class State(NamedTuple):
    """What a person has."""

    is_enabled: bool
    backup_codes_left: int
    has_pin: bool


async def state(session: Session, user_id: int) -> State:
    found, pin = await Totps(session).find(user_id), await Pins(session).hash_of(user_id)
    is_enabled = found is not None and found.is_enabled
    return State(is_enabled, len(found.backup_codes or ()) if found and is_enabled else 0, pin is not None)


async def set_up(session: Session, authenticator: Authenticator, user_id: int) -> Setup:
    """Keep a new secret, instead of an earlier one that was not enabled. Raises SecondFactorEnabled, AccountGone."""
    account = await Accounts(session).get_active(user_id)
    secret = totp.make_secret()
    if not await Totps(session).set_up(user_id, authenticator.sealed(user_id, secret)):
        raise SecondFactorEnabled
    return Setup(secret, totp.uri(secret, account.username, authenticator.issuer))


async def picture(setup: Setup) -> str:
    """The set-up as a QR code, drawn beside the event loop."""
    return await asyncio.to_thread(totp.picture, setup.uri)


async def enable(session: Session, authenticator: Authenticator, who: Caller, code: str) -> list[str] | None:
    """Ask for codes from now on; answers the backup codes. None: the code was wrong, which is told and must commit.

    Raises SetupMissing and SecondFactorEnabled.
    """
    found, secret = await pending(session, authenticator, who.user_id)
    step = authenticator.step(secret, code)
    if step is None:
        note_refusal(session, who, Proof(otp=code), Purpose.ENABLE, Outcome.WRONG)
        return None
    codes = renew_codes(found, secret)
    found.is_enabled, found.last_step = True, step  # the row is locked: no second request enables it, too
    outbox.publish(session, events.SecondFactorEnabled(user_id=who.user_id), key=str(who.user_id))
    await tell(session, who.user_id, Change.ENABLED)
    return codes


async def pending(session: Session, authenticator: Authenticator, user_id: int) -> tuple[Totp, str]:
    """What waits to be enabled, locked, and its secret."""
    found = await Totps(session).find(user_id, lock=True)
    if found is None or found.totp_secret is None:
        raise SetupMissing
    if found.is_enabled:
        raise SecondFactorEnabled
    return found, authenticator.opened(user_id, found.totp_secret)


async def disable(session: Session, authenticator: Authenticator, who: Caller, proof: Proof) -> Verdict:
    """Forget secret and backup codes, where the proof is right."""
    verdict = await check(session, authenticator, who, proof, Purpose.DISABLE)
    if verdict.is_accepted:
        await Totps(session).forget(who.user_id)
        outbox.publish(session, events.SecondFactorDisabled(user_id=who.user_id), key=str(who.user_id))
        await tell(session, who.user_id, Change.DISABLED)
    return verdict


async def replace_codes(
    session: Session, authenticator: Authenticator, who: Caller, code: str
) -> tuple[Verdict, list[str]]:
    """New backup codes instead of all others, where the code is right."""
    verdict = await check(session, authenticator, who, Proof(otp=code), Purpose.BACKUP_CODES)
    if not verdict.is_accepted:
        return verdict, []
    found = await Totps(session).find(who.user_id, lock=True)
    if found is None or found.totp_secret is None:
        return Verdict(Outcome.MISSING), []
    codes = renew_codes(found, authenticator.opened(who.user_id, found.totp_secret))
    outbox.publish(session, events.BackupCodesReplaced(user_id=who.user_id), key=str(who.user_id))
    await tell(session, who.user_id, Change.CODES)
    return verdict, codes


def renew_codes(found: Totp, secret: str) -> list[str]:
    """Ten new codes, of which the row keeps the hashes."""
    codes = backup_codes.make()
    found.backup_codes = [backup_codes.hashed(code, secret) for code in codes]
    return codes
