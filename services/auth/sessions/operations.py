"""What can be done with sessions.

A session is a chain of refresh tokens of which the last one is unspent. Each use spends a token and adds its
successor. A spent token that comes again was copied: its whole session ends. One exception: for ten seconds a client
may repeat a refresh whose answer it lost, and gets the same successor again. The successor is kept sealed beside its
parent, so that only whoever holds the parent reads it, and the chain never has two live ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from orrery.auth.sessions.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from libs.errors import Refusal
from services.auth.accounts.holder import Holder
from services.auth.accounts.repository import Accounts
from services.auth.sessions import refresh_tokens
from services.auth.sessions.client import Client
from services.auth.sessions.errors import OrganizationUnknown, RefreshRefused, TokenExpired
from services.auth.sessions.limits import UNUSED
from services.auth.sessions.repository import Lifetimes, RefreshTokens, Renewed, Sessions
from services.auth.throttles import arrivals

LIFETIME = UNUSED
LIFETIMES = Lifetimes()
GRACE = timedelta(seconds=10)
LOGOUT, REUSE = "logout", "refresh_reuse"
PASSWORD, OTP, SEVERAL = "pwd", "otp", "mfa"  # words of RFC 8176


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody signed in, and the refresh token that keeps them so."""

    holder: Holder
    session_id: UUID
    refresh_token: str


async def start(session: Session, holder: Holder, client: Client, amr: Sequence[str] = (PASSWORD,)) -> Entry:
    """Sign the holder in; `amr` says by what they proved to be it (RFC 8176).

    Raises AddressNotAllowed and HttpsRequired, which the holder's organization asks for.
    """
    if refusal := holder.limits.refusal(client):
        raise refusal
    token = refresh_tokens.make()
    session_id = await Sessions(session).start(holder, token, client, LIFETIME, amr)
    started = events.SessionStarted(
        user_id=holder.user_id, session_id=str(session_id), address=client.spelled, user_agent=client.user_agent
    )
    outbox.publish(session, started, key=str(holder.user_id), by=holder)
    await arrivals.note(session, holder.account, client)
    return Entry(holder, session_id, token)


async def rotate(
    session: Session, token: str, client: Client, wanted: UUID | None = None, lifetimes: Lifetimes = LIFETIMES
) -> Entry | None:
    """Trade a refresh token for its successor, and let the session act for another organization where one is wanted.

    Raises RefreshRefused, TokenExpired, OrganizationUnknown, AddressNotAllowed, HttpsRequired; then it is unspent.
    None: the token had been copied and its session was ended. That is answered, not raised, for it must be committed.
    """
    successor = refresh_tokens.make()
    renewed = await RefreshTokens(session).rotate(token, successor, client, lifetimes)
    if renewed:
        return await carry_on(session, renewed, successor, client, wanted)
    presented = await RefreshTokens(session).presented(token, client, GRACE, lifetimes.longest)
    if presented is None or presented.is_revoked:
        raise RefreshRefused
    if presented.is_expired:
        raise TokenExpired
    if presented.is_duplicate:
        successor = refresh_tokens.unsealed(presented.sealed_successor, token)
        return await carry_on(session, presented, successor, client, wanted)
    await end(session, presented.session_id, REUSE)
    return None


async def carry_on(session: Session, renewed: Renewed, successor: str, client: Client, wanted: UUID | None) -> Entry:
    """Raises what the person, the organization or its settings refuse: a token just spent is unspent then."""
    holder = await Accounts(session).holder(renewed.user_id, renewed.organization_id)
    if wanted and wanted != renewed.organization_id:
        holder = await elsewhere(session, renewed, wanted)
    if holder is None:
        raise RefreshRefused
    if refusal := holder.limits.refusal(client):
        raise refusal
    if renewed.idle > holder.limits.idle:
        raise TokenExpired
    await settle(session, renewed, holder)
    return Entry(holder, renewed.session_id, successor)


async def elsewhere(session: Session, renewed: Renewed, wanted: UUID) -> Holder:
    """The session's owner as a member of another organization. Raises OrganizationUnknown."""
    holder = await Accounts(session).holder(renewed.user_id, wanted)
    if holder is None:
        raise OrganizationUnknown
    return holder


async def settle(session: Session, renewed: Renewed, holder: Holder) -> None:
    """Let the session act for the holder's organization from now on, under its limits."""
    here = UUID(holder.organization_id)
    if (here, holder.limits.idle_limit) == (renewed.organization_id, renewed.idle_limit):
        return
    await Sessions(session).act_for(renewed.session_id, here, holder.limits.idle_limit)
    if here != renewed.organization_id:
        told = events.SessionSwitched(
            user_id=holder.user_id,
            session_id=str(renewed.session_id),
            previous_organization_id=str(renewed.organization_id),
            organization_id=holder.organization_id,
        )
        outbox.publish(session, told, key=str(holder.user_id), by=holder)


async def end(session: Session, session_id: UUID, reason: str) -> None:
    """End a session and tell the fleet; one that has ended already stays as it is, and nobody is told again."""
    owner = await Sessions(session).revoke(session_id, reason)
    if owner:
        revoked = events.SessionRevoked(user_id=owner.user_id, session_id=str(session_id), reason=reason)
        outbox.publish(session, revoked, key=str(owner.user_id), by=owner)


async def end_all(
    session: Session, user_id: int, reason: str, *, but: UUID | None = None, organization_id: UUID | None = None
) -> int:
    """End every session of a person except one; answers how many.

    Those of one organization where it is named: a transaction of that organization may do so to its members.
    """
    ended = await Sessions(session).revoke_all(user_id, reason, but, organization_id)
    for session_id, owner in ended:
        revoked = events.SessionRevoked(user_id=user_id, session_id=str(session_id), reason=reason)
        outbox.publish(session, revoked, key=str(user_id), by=owner)
    return len(ended)


async def log_out(session: Session, token: str, bearers: UUID | None) -> UUID | None:
    """End the session of a refresh token; where there is none, or it is nobody's, the bearer's own. Answers which."""
    found = await RefreshTokens(session).session_of(token) if token else None
    if session_id := found or bearers:
        await end(session, session_id, LOGOUT)
    return session_id


async def note_refused_refresh(session: Session, token: str, refusal: Refusal, client: Client) -> None:
    """Tell that a session was not let in from there."""
    if whose := await RefreshTokens(session).owner_of(token):
        note_refusal(session, whose, refusal.reason.lower(), client)


def note_refusal(session: Session, whose: Caller, reason: str, client: Client) -> None:
    """Tell that somebody was not let in."""
    refused = events.LoginRefused(user_id=whose.user_id, reason=reason, address=client.spelled)
    outbox.publish(session, refused, key=str(whose.user_id), by=whose)
