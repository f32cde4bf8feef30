"""What can be done with grants.

A grant is what one authorization gave an app. Its code is good once: whoever presents it again shows that it was
copied, and all that it gave ends (RFC 6749 §4.1.2), the tokens of the first who presented it too. Its refresh tokens
are a chain as a session's are: a spent one that comes again ends the grant, but for ten seconds in which the same
client may repeat a refresh whose answer it lost.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from orrery.auth.oauth.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.holder import Holder
from services.auth.accounts.repository import Accounts
from services.auth.keys.operations import TOKEN_LIFETIME
from services.auth.oauth.errors import InvalidGrant, InvalidScope
from services.auth.oauth.repository import Codes, Ended, Granted, Grants, RefreshTokens
from services.auth.oauth_clients.repository import Known
from services.auth.oauth_clients.rules import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, REFRESH_TOKEN
from services.auth.oauth_clients.scopes import OF_PEOPLE, ordered
from services.auth.sessions import refresh_tokens
from services.auth.sessions.client import Client
from services.auth.sessions.invalidation import Kind, invalidate

CODE_LIFETIME = timedelta(seconds=60)
LIFETIME = timedelta(days=30)  # of a grant that is not refreshed meanwhile
GRACE = timedelta(seconds=10)
CODE_REUSE, REFRESH_REUSE, REVOKED = "code_reuse", "refresh_reuse", "revoked"
WITHDRAWN, CLIENT_DELETED = "consent_withdrawn", "client_deleted"


@dataclass(frozen=True, slots=True)
class Permission:
    """What a signed-in person allows an app, and what its code is bound to."""

    holder: Holder
    scopes: list[str]
    amr: list[str]
    signed_in_at: datetime
    redirect_uri: str
    challenge: str
    nonce: str | None


@dataclass(frozen=True, slots=True)
class Issue:
    """Tokens to be made: for whom, of which grant, for which of its scopes."""

    holder: Holder
    granted: Granted
    client_id: UUID
    publisher: UUID  # the organization that registered the app
    scopes: list[str]
    refresh_token: str | None = None


async def authorize(session: Session, known: Known, given: Permission, client: Client) -> str:
    """A code for what a person allowed."""
    code, holder = secrets.token_urlsafe(32), given.holder
    grant_id = await Grants(session).add(
        CODE_LIFETIME,
        client,
        **owned(known, holder, AUTHORIZATION_CODE),
        scopes=given.scopes,
        amr=given.amr,
        signed_in_at=given.signed_in_at,
    )
    await Codes(session).add(
        code,
        CODE_LIFETIME,
        grant_id=grant_id,
        user_id=holder.user_id,
        client_id=known.client.id,
        redirect_uri=given.redirect_uri,
        challenge=given.challenge,
        nonce=given.nonce,
    )
    return code


async def redeem(session: Session, known: Known, code: str, bound: dict[str, str], client: Client) -> Issue | None:
    """Trade a code for tokens; `bound` are the redirect URI and the challenge that it must have been made for.

    None: it was no good. That is answered, not raised, for what followed from it must be committed. Raises InvalidGrant
    where the person or their organization may not act: the code is unspent then.
    """
    refreshes = REFRESH_TOKEN in known.client.grant_types
    token = refresh_tokens.make() if refreshes else None
    lifetime = LIFETIME if refreshes else TOKEN_LIFETIME
    bound_to = {**bound, "client_id": known.client.id}
    granted = await Codes(session).redeem(code, bound_to, token, client, lifetime)
    if granted is None:
        if used := await Codes(session).spent(code, known.client.id):
            await end(session, used, CODE_REUSE)
        note_refusal(session, known, AUTHORIZATION_CODE, client)
        return None
    issue = await carry_on(session, known, granted, token)
    note_start(session, issue, AUTHORIZATION_CODE, client)
    return issue


async def renew(session: Session, known: Known, token: str, scopes: frozenset[str], client: Client) -> Issue | None:
    """Trade a refresh token for its successor, for fewer scopes where some are named; None as of `redeem`.

    Raises InvalidScope and InvalidGrant: a token just spent is unspent then.
    """
    successor = refresh_tokens.make()
    granted = await RefreshTokens(session).renew(token, successor, known.client.id, client, LIFETIME)
    if granted is None:
        presented = await RefreshTokens(session).presented(token, known.client.id, client, GRACE)
        if presented is None or presented.is_revoked or presented.is_expired:
            note_refusal(session, known, REFRESH_TOKEN, client)
            return None
        if not presented.is_duplicate:
            await end(session, presented.granted.id, REFRESH_REUSE)
            note_refusal(session, known, REFRESH_TOKEN, client)
            return None
        granted, successor = presented.granted, refresh_tokens.unsealed(presented.sealed_successor, token)
    return narrowed(await carry_on(session, known, granted, successor), scopes)


async def carry_on(session: Session, known: Known, granted: Granted, token: str | None) -> Issue:
    """Raises InvalidGrant where the person or the organization may not act, or nothing is left that the app may ask."""
    holder = await Accounts(session).holder(granted.user_id, granted.organization_id)
    scopes = ordered(frozenset(granted.scopes) & known.scopes)
    if holder is None or not scopes:
        raise InvalidGrant
    return Issue(holder, granted, known.client.id, known.client.organization_id, scopes, token)


def narrowed(issue: Issue, scopes: frozenset[str]) -> Issue:
    """For these scopes alone, if any are named; raises InvalidScope where one was not granted."""
    if not scopes:
        return issue
    if not scopes <= frozenset(issue.scopes):
        raise InvalidScope
    return replace(issue, scopes=ordered(scopes))


async def act_for_organization(session: Session, known: Known, scopes: frozenset[str], client: Client) -> Issue:
    """Tokens for the client's organization, in the name of who made the client (RFC 6749 §4.4).

    Raises InvalidGrant where that person may not act for it any more, InvalidScope.
    """
    allowed = known.scopes - OF_PEOPLE
    wanted = ordered(scopes or allowed)
    if not wanted or not frozenset(wanted) <= allowed:
        raise InvalidScope
    maker = known.client.created_by
    holder = await Accounts(session).holder(maker, known.client.organization_id) if maker else None
    if holder is None:
        raise InvalidGrant
    now = await Grants(session).now()
    row = {**owned(known, holder, CLIENT_CREDENTIALS), "scopes": wanted, "amr": [], "signed_in_at": now}
    grant_id = await Grants(session).add(TOKEN_LIFETIME, client, **row)
    granted = Granted(grant_id, holder.user_id, known.client.organization_id, wanted, [], now)
    issue = Issue(holder, granted, known.client.id, known.client.organization_id, wanted)
    note_start(session, issue, CLIENT_CREDENTIALS, client)
    return issue


async def end(session: Session, grant_id: UUID, reason: str) -> None:
    """End a grant and tell the fleet; one that has ended already stays as it is, and nobody is told again."""
    tell(session, await Grants(session).revoke(grant_id, reason), reason)


async def end_all(session: Session, client_id: UUID, reason: str, *, user_id: int | None = None) -> None:
    """End all grants of a client, or all that one person gave it."""
    tell(session, await Grants(session).revoke_all(client_id, user_id, reason), reason)


def tell(session: Session, ended: list[Ended], reason: str) -> None:
    for one in ended:
        told = events.GrantRevoked(
            user_id=one.owner.user_id, grant_id=str(one.id), client_id=str(one.client_id), reason=reason
        )
        outbox.publish(session, told, key=str(one.owner.user_id), by=one.owner)
        invalidate(session, Kind.GRANT, one.id, reason, user_id=one.owner.user_id, by=one.owner)


def owned(known: Known, holder: Holder, grant_type: str) -> dict[str, Any]:
    return {
        "client_id": known.client.id,
        "user_id": holder.user_id,
        "organization_id": UUID(holder.organization_id),
        "grant_type": grant_type,
    }


def note_start(session: Session, issue: Issue, grant_type: str, client: Client) -> None:
    told = events.GrantStarted(
        user_id=issue.holder.user_id,
        grant_id=str(issue.granted.id),
        client_id=str(issue.client_id),
        grant_type=grant_type,
        scopes=issue.scopes,
        address=client.spelled,
    )
    outbox.publish(session, told, key=str(issue.holder.user_id), by=issue.holder)


def note_refusal(session: Session, known: Known, grant_type: str, client: Client) -> None:
    """Tell that a code or a refresh token was not taken."""
    told = events.GrantRefused(
        number=known.client.number,
        client_id=str(known.client.id),
        grant_type=grant_type,
        address=client.spelled,
    )
    outbox.publish(session, told, key=str(known.client.id), by=known.owner)
