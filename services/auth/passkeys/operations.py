"""What can be done with passkeys by their owner."""

import secrets
from datetime import timedelta

from orrery.auth.passkeys.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from libs.errors import Refusal
from services.auth.accounts.holder import Me
from services.auth.accounts.repository import Accounts
from services.auth.conflicts import conflicts
from services.auth.fields import name_violations, refuse
from services.auth.passkeys import ceremonies
from services.auth.passkeys.ceremonies import NewKey, NotVerified
from services.auth.passkeys.documents import Answer, Unreadable, octets
from services.auth.passkeys.errors import (
    ChallengeRefused,
    PasskeyKnown,
    PasskeyNotFound,
    PasskeyNotVerified,
    TooManyPasskeys,
)
from services.auth.passkeys.models import Passkey, Purpose
from services.auth.passkeys.party import RelyingParty
from services.auth.passkeys.repository import Challenges, Passkeys
from services.auth.second_factors import notices
from services.auth.second_factors.notices import Change

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
MOST = 20  # passkeys of a person
LONGEST_NAME = 100
UNNAMED = "Passkey"


async def ask(session: Session, party: RelyingParty, user_id: int) -> bytes:
    """The options of a registration, as JSON. Raises AccountGone, TooManyPasskeys."""
    account = await Accounts(session).get_active(user_id)
    known = await Passkeys(session).of(user_id)
    if len(known) >= MOST:
        raise TooManyPasskeys(MOST)
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await Challenges(session).add(challenge, Purpose.REGISTER, user_id, CHALLENGE_LIFE)
    return ceremonies.creation_options(party, Me.of(account), challenge, known)


async def register(
    session: Session, party: RelyingParty, caller: Caller, answer: Answer, name: str | None
) -> Passkey | Refusal:
    """Keep the passkey. A refusal that uses the challenge up is answered, so that the transaction commits.

    Raises Invalid, AccountGone, TooManyPasskeys, PasskeyKnown.
    """
    refuse(*name_violations("name", name, LONGEST_NAME))
    if not await Challenges(session).spend(answer.challenge, Purpose.REGISTER, caller.user_id):
        return refused(session, caller, "challenge", ChallengeRefused())
    try:
        made = ceremonies.registered(party, answer)
    except NotVerified:
        return refused(session, caller, "not_verified", PasskeyNotVerified())
    await Accounts(session).get_active(caller.user_id)  # locks it: the count below is right when this commits
    if await Passkeys(session).count(caller.user_id) >= MOST:
        raise TooManyPasskeys(MOST)
    return await keep(session, caller, made, name or UNNAMED)


def refused(session: Session, caller: Caller, reason: str, refusal: Refusal) -> Refusal:
    told = events.PasskeyRegistrationRefused(user_id=caller.user_id, reason=reason)
    outbox.publish(session, told, key=str(caller.user_id))
    return refusal


async def keep(session: Session, caller: Caller, made: NewKey, name: str) -> Passkey:
    row = Passkey(
        user_id=caller.user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        aaguid=made.aaguid,
        transports=made.transports,
        is_backup_eligible=made.is_backup_eligible,
        is_backed_up=made.is_backed_up,
    )
    with conflicts({"uq_passkey_credential_id": PasskeyKnown}):
        passkey = await Passkeys(session).add(row)
    told = events.PasskeyRegistered(
        user_id=caller.user_id, passkey_id=str(passkey.id), name=name, aaguid=str(made.aaguid)
    )
    outbox.publish(session, told, key=str(caller.user_id))
    await notices.tell(session, caller.user_id, Change.PASSKEY_ADDED)
    return passkey


async def rename(session: Session, caller: Caller, credential_id: str, name: str) -> Passkey:
    """Raises Invalid, PasskeyNotFound; tells nobody where nothing changed."""
    refuse(*name_violations("name", name, LONGEST_NAME))
    passkey = await Passkeys(session).own(caller.user_id, found_id(credential_id))
    told = events.PasskeyRenamed(
        user_id=caller.user_id, passkey_id=str(passkey.id), name=name, previous_name=passkey.name
    )
    if name != passkey.name:
        passkey.name = name
        outbox.publish(session, told, key=str(caller.user_id))
        await session.flush()
        await session.refresh(passkey)
    return passkey


async def remove(session: Session, caller: Caller, credential_id: str) -> None:
    """Raises PasskeyNotFound."""
    passkey = await Passkeys(session).own(caller.user_id, found_id(credential_id))
    await session.delete(passkey)
    told = events.PasskeyRemoved(user_id=caller.user_id, passkey_id=str(passkey.id), name=passkey.name)
    outbox.publish(session, told, key=str(caller.user_id))
    await notices.tell(session, caller.user_id, Change.PASSKEY_REMOVED)


def found_id(spelled: str) -> bytes:
    """The bytes of a credential's id; what is none names no passkey."""
    try:
        return octets(spelled)
    except Unreadable:
        raise PasskeyNotFound from None
