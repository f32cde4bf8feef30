"""What can be done with sessions.

A session is a chain of refresh tokens of which the last one is unspent. Each use spends a token and adds its
successor. A spent token that comes again was copied: its whole session ends. One exception: for ten seconds a client
may repeat a refresh whose answer it lost, and gets the same successor again. The successor is kept sealed beside its
parent, so that only whoever holds the parent reads it, and the chain never has two live ends.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from orrery.auth.sessions.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.holder import Holder
from services.auth.accounts.repository import Accounts
from services.auth.sessions import refresh_tokens
from services.auth.sessions.client import Client
from services.auth.sessions.errors import RefreshRefused, TokenExpired
from services.auth.sessions.repository import Owner, RefreshTokens, Renewed, Sessions

LIFETIME = timedelta(days=7)
GRACE = timedelta(seconds=10)
LOGOUT, REUSE = "logout", "refresh_reuse"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody signed in, and the refresh token that keeps them so."""

    holder: Holder
    session_id: UUID
    refresh_token: str


async def start(session: Session, holder: Holder, client: Client) -> Entry:
    """Sign the holder in."""
    token = refresh_tokens.make()
    session_id = await Sessions(session).start(holder, token, client, LIFETIME)
    started = events.SessionStarted(
        user_id=holder.user_id, session_id=str(session_id), address=client.spelled, user_agent=client.user_agent
    )
    outbox.publish(session, started, key=str(holder.user_id), by=holder)
    return Entry(holder, session_id, token)


async def rotate(session: Session, token: str, client: Client) -> Entry | None:
    """Trade a refresh token for its successor. Raises RefreshRefused and TokenExpired.

    None: the token had been copied and its session was ended. That is answered, not raised, for it must be committed.
    """
    successor = refresh_tokens.make()
    renewed = await RefreshTokens(session).rotate(token, successor, client, LIFETIME)
    if renewed:
        return await carry_on(session, renewed, successor)
    presented = await RefreshTokens(session).presented(token, client, GRACE)
    if presented is None or presented.is_revoked:
        raise RefreshRefused
    if presented.is_expired:
        raise TokenExpired
    if presented.is_duplicate:
        return await carry_on(session, presented, refresh_tokens.unsealed(presented.sealed_successor, token))
    await end(session, presented.session_id, REUSE)
    return None


async def carry_on(session: Session, renewed: Renewed, successor: str) -> Entry:
    """Raises RefreshRefused where the person or the organization may not act: a token just spent is unspent then."""
    holder = await Accounts(session).holder(renewed.user_id, renewed.organization_id)
    if holder is None:
        raise RefreshRefused
    return Entry(holder, renewed.session_id, successor)


async def end(session: Session, session_id: UUID, reason: str) -> None:
    """End a session and tell the fleet; one that has ended already stays as it is, and nobody is told again."""
    owner = await Sessions(session).revoke(session_id, reason)
    if owner:
        revoked = events.SessionRevoked(user_id=owner.user_id, session_id=str(session_id), reason=reason)
        outbox.publish(session, revoked, key=str(owner.user_id), by=owner)


async def log_out(session: Session, token: str, bearers: UUID | None) -> None:
    """End the session of a refresh token; where there is none, or it is nobody's, the bearer's own."""
    found = await RefreshTokens(session).session_of(token) if token else None
    if session_id := found or bearers:
        await end(session, session_id, LOGOUT)


def note_refusal(session: Session, whose: Owner, reason: str, client: Client) -> None:
    """Tell that somebody was not let in."""
    refused = events.LoginRefused(user_id=whose.user_id, reason=reason, address=client.spelled)
    outbox.publish(session, refused, key=str(whose.user_id), by=whose)
