"""Ending sessions here and at the issuer, whichever of the two is asked first."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from orrery.auth.sso.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Session
from libs.errors import Refusal
from libs.telemetry import get_logger
from services.auth.sealing import SealBroken
from services.auth.sessions import operations as sessions
from services.auth.sessions.invalidation import Kind, invalidate
from services.auth.sessions.repository import Owner
from services.auth.sso import browser, links
from services.auth.sso.errors import SsoAnswerRefused, SsoLogoutRefused, TokenExpired
from services.auth.sso.issuer import Issuer
from services.auth.sso.repository import Codes, Identities, Known, Logouts, SsoSessions
from services.auth.sso.sign_in import purpose
from services.auth.sso.tokens import LogoutToken, Person, logout_token
from services.auth.sso.trust import Trust

log = get_logger(__name__)
REMEMBERED = timedelta(days=1)  # longer than access tokens live
BY_ISSUER = "sso_logout"


async def leave(trust: Trust, provider: str, redirect_uri: str | None, session_id: UUID | None) -> str:
    """End our session, and answer where the issuer's is ended; raises SsoProviderUnknown, Invalid, SsoIssuerAway."""
    issuer, target = trust.issuer(provider), trust.target(redirect_uri)
    endpoint = (await issuer.metadata()).end_session_endpoint
    token: str | None = None
    if session_id:
        async with trust.database.transaction(SYSTEM) as session:
            token = await id_token_of(trust, session, session_id, provider)
            await sessions.end(session, session_id, sessions.LOGOUT)
    return links.to_logout(endpoint, issuer.provider, token, target) if endpoint else target


async def end_session_url(trust: Trust, session_id: UUID) -> str | None:
    """Where the issuer's session behind one of ours is ended; None where there is none, or it does not say now."""
    if not trust.issuers:
        return None
    async with trust.database.transaction(SYSTEM) as session:
        origin = await SsoSessions(session).origin(session_id)
        token = await id_token_of(trust, session, session_id, origin.provider) if origin else None
    if origin is None or origin.provider not in trust.issuers:
        return None
    issuer = trust.issuer(origin.provider)
    try:
        endpoint = (await issuer.metadata()).end_session_endpoint
    except Refusal:
        return None
    return links.to_logout(endpoint, issuer.provider, token, trust.settings.landing_url) if endpoint else None


async def id_token_of(trust: Trust, session: Session, session_id: UUID, provider: str) -> str | None:
    """The ID token that a session began with, where it came of this provider."""
    origin = await SsoSessions(session).origin(session_id)
    if origin is None or origin.provider != provider:
        return None
    try:
        return trust.sealer.unseal(origin.id_token, purpose(session_id)).decode()
    except SealBroken:
        log.warning("id_token_not_unsealed", session_id=str(session_id))
        return None  # the issuer asks the person then


async def receive(trust: Trust, provider: str, token: str) -> int:
    """End the sessions that a logout token names; how many ended now. A token that comes again ends nothing.

    Raises SsoProviderUnknown, SsoLogoutRefused, SsoIssuerAway.
    """
    issuer = trust.issuer(provider)
    try:
        said = await logout_token(issuer, token)
    except (SsoAnswerRefused, TokenExpired):
        await trust.note_refusal(provider, SsoLogoutRefused())
        raise SsoLogoutRefused from None
    async with trust.database.transaction(SYSTEM) as session:
        if not await Logouts(session).use(name(issuer, "jti", said.jti), REMEMBERED):
            return 0
        return await end_theirs(session, issuer, said)


async def end_theirs(session: Session, issuer: Issuer, said: LogoutToken) -> int:
    what, which = ("sid", said.sid) if said.sid else ("sub", str(said.sub))
    await Logouts(session).tell(name(issuer, what, which), REMEMBERED)
    known = await whose(session, issuer, said)
    if known is None:
        return 0
    ended = await SsoSessions(session).live(known.id, said.sid)
    for session_id in ended:
        await sessions.end(session, session_id, BY_ISSUER)
    await Codes(session).drop(known.id, said.sid)
    by = Owner(known.user_id, "")
    if issuer.provider.accept_bearer:  # gateways forget whom they took its bearers for
        invalidate(session, Kind.ACCOUNT, known.account, BY_ISSUER, user_id=known.user_id, by=by)
    told = events.SsoLogoutReceived(user_id=known.user_id, provider=issuer.provider.name, ended=len(ended))
    outbox.publish(session, told, key=str(known.user_id), by=by)
    return len(ended)


async def whose(session: Session, issuer: Issuer, said: LogoutToken) -> Known | None:
    """The subject that a logout token is about."""
    subject = said.sub or await SsoSessions(session).whose(issuer.provider.issuer, said.sid or "")
    return await Identities(session).find(issuer.provider.issuer, subject) if subject else None


async def is_over(session: Session, issuer: Issuer, said: Person) -> bool:
    """Whether the issuer has told that the session or the subject of a token ended after it was made."""
    logouts = Logouts(session)
    if said.sid and await logouts.is_over([name(issuer, "sid", said.sid)], datetime.fromtimestamp(0, UTC)):
        return True
    return await logouts.is_over([name(issuer, "sub", said.sub)], datetime.fromtimestamp(said.iat, UTC))


def name(issuer: Issuer, what: str, which: str) -> bytes:
    return browser.hashed(f"{what} {issuer.provider.issuer} {which}")
