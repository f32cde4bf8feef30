"""Signing in by a passkey.

Who somebody is, their device says; nobody is asked for a name, so nobody learns which accounts exist. A challenge is
used up by its first answer, good or bad. A device that verified its user is something they have and something they
know or are: no further factor is asked for.
"""

import secrets

from orrery.auth.passkeys.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Database, Session
from libs.errors import Refusal
from services.auth.accounts.repository import Accounts
from services.auth.passkeys import ceremonies
from services.auth.passkeys.ceremonies import NotVerified
from services.auth.passkeys.documents import Answer
from services.auth.passkeys.errors import ChallengeRefused, PasskeyRefused
from services.auth.passkeys.models import Passkey, Purpose
from services.auth.passkeys.operations import CHALLENGE_BYTES, CHALLENGE_LIFE
from services.auth.passkeys.party import RelyingParty
from services.auth.passkeys.repository import Challenges, Owned, Passkeys
from services.auth.sessions import operations as sessions
from services.auth.sessions.client import Client
from services.auth.sessions.operations import Entry
from services.auth.sessions.repository import Owner

NOBODY = Owner(0, "")
BY_KEY = ("pop", "mfa")  # RFC 8176: a key that is possessed, and the user verified


async def ask(session: Session, party: RelyingParty) -> bytes:
    """The options of a sign-in, as JSON."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await Challenges(session).add(challenge, Purpose.LOGIN, None, CHALLENGE_LIFE)
    return ceremonies.request_options(party, challenge)


async def sign_in(database: Database, party: RelyingParty, answer: Answer, client: Client) -> Entry:
    """Raises ChallengeRefused, PasskeyRefused, AddressNotAllowed, HttpsRequired; what led to it stays noted."""
    async with database.transaction(SYSTEM) as session:
        entry = await enter(session, party, answer, client)
    if isinstance(entry, Refusal):
        raise entry
    return entry


async def enter(session: Session, party: RelyingParty, answer: Answer, client: Client) -> Entry | Refusal:
    if not await Challenges(session).spend(answer.challenge, Purpose.LOGIN, None):
        return await refused(session, None, "challenge", client, ChallengeRefused())
    found = await Passkeys(session).known(answer.credential_id)
    reason = await objection(session, party, answer, found)
    if found is None or reason:
        return await refused(session, found and found.passkey, reason, client, PasskeyRefused())
    holder = await Accounts(session).arriving(found.passkey.user_id)
    if holder is None:
        return await refused(session, found.passkey, "inactive", client, PasskeyRefused())
    if limit := holder.limits.refusal(client):
        return await refused(session, found.passkey, limit.reason.lower(), client, limit)
    entry = await sessions.start(session, holder, client, BY_KEY)
    used = events.PasskeyUsed(
        user_id=holder.user_id, passkey_id=str(found.passkey.id), session_id=str(entry.session_id)
    )
    outbox.publish(session, used, key=str(holder.user_id), by=holder)
    return entry


async def objection(session: Session, party: RelyingParty, answer: Answer, found: Owned | None) -> str:
    """Why the answer signs nobody in; empty where it does. Notes the passkey's use."""
    if found is None or answer.user_handle != found.owner.bytes:
        return "unknown_passkey"
    try:
        proven = ceremonies.asserted(party, answer, found.passkey)
    except NotVerified:
        return "not_verified"
    return "" if await Passkeys(session).use(found.passkey.id, proven) else "sign_count"


async def refused(session: Session, passkey: Passkey | None, reason: str, client: Client, refusal: Refusal) -> Refusal:
    """The refusal, told of to the organization that its owner would have signed in for."""
    holder = await Accounts(session).arriving(passkey.user_id) if passkey else None
    whose = Owner(passkey.user_id, holder.organization_id if holder else "") if passkey else NOBODY
    told = events.PasskeyRefused(
        user_id=whose.user_id, passkey_id=str(passkey.id) if passkey else "", reason=reason, address=client.spelled
    )
    outbox.publish(session, told, key=str(whose.user_id), by=whose)
    return refusal
