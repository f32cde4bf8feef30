"""Signing in through an issuer: off to it, back from it, and to the app with a one-time code.

Nobody waits for an issuer inside a transaction. State, code and the issuer's own code are good once.
"""

from dataclasses import dataclass
from datetime import timedelta

from orrery.auth.sso.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Session
from libs.errors import Refusal
from services.auth.accounts.repository import Accounts
from services.auth.sealing import derived, seal, unseal
from services.auth.sessions import operations as sessions
from services.auth.sessions.client import Client
from services.auth.sessions.operations import Entry
from services.auth.sso import browser, links
from services.auth.sso.errors import (
    SsoAccountInactive,
    SsoAnswerRefused,
    SsoCodeRefused,
    SsoDenied,
    SsoIssuerAway,
    SsoStateRefused,
    TokenExpired,
)
from services.auth.sso.issuer import Issuer
from services.auth.sso.mapping import map_account
from services.auth.sso.repository import Codes, Flow, Flows, Passed, SsoSessions
from services.auth.sso.tokens import IdToken, id_token, read
from services.auth.sso.trust import Trust

FLOW_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
CODE_PURPOSE = "orrery sso code: its ID token"
AWAY = ("temporarily_unavailable", "server_error")  # what issuers call faults of their own


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way."""

    url: str
    state: str
    secret: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brings back from the issuer."""

    state: str
    code: str
    error: str
    iss: str | None
    secret: str


async def set_out(trust: Trust, provider: str, flow: Flow) -> Begun:
    """Raises SsoProviderUnknown, SsoIssuerAway."""
    issuer = trust.issuer(provider)
    metadata = await issuer.metadata()
    begun = Begun("", browser.make(), browser.make())
    async with trust.database.transaction(SYSTEM) as session:
        flows = Flows(session)
        await flows.sweep()
        hashes = browser.hashed(begun.state), browser.hashed(begun.secret)
        await flows.add(*hashes, provider, flow, FLOW_LIFETIME)
    url = links.to_issuer(metadata, issuer.provider, trust.callback(provider), begun.state, begun.secret)
    return Begun(url, begun.state, begun.secret)


async def finish(trust: Trust, provider: str, answer: Answer) -> str:
    """Where to send the browser, with a code or with the reason why not.

    Raises SsoProviderUnknown and SsoStateRefused, where it is not known whose answer this is.
    """
    issuer = trust.issuer(provider)
    async with trust.database.transaction(SYSTEM) as session:
        hashes = browser.hashed(answer.state), browser.hashed(answer.secret)
        flow = await Flows(session).take(*hashes, provider)
    try:
        if flow is None:
            raise SsoStateRefused
        said, token = await proven(trust, issuer, answer)
        async with trust.database.transaction(SYSTEM) as session:
            return links.to_app(flow, await pass_on(session, issuer, said, token, flow.code_challenge))
    except Refusal as refusal:
        await trust.note_refusal(provider, refusal)
        if flow is None:
            raise
        return links.to_app_refused(flow, refusal)


async def proven(trust: Trust, issuer: Issuer, answer: Answer) -> tuple[IdToken, str]:
    """Who signed in, with the ID token; raises SsoDenied, SsoAnswerRefused, SsoIssuerAway."""
    metadata = await issuer.metadata()
    must_name = metadata.authorization_response_iss_parameter_supported or answer.iss is not None
    if must_name and answer.iss != metadata.issuer:  # RFC 9207: the answer of another issuer
        raise SsoAnswerRefused
    if answer.error:
        raise SsoIssuerAway if answer.error in AWAY else SsoDenied
    if not answer.code:
        raise SsoAnswerRefused
    secret = answer.secret
    tokens = await issuer.trade(answer.code, browser.verifier(secret), trust.callback(issuer.provider.name))
    try:
        said = await id_token(issuer, tokens.id_token, tokens.access_token, browser.nonce(secret))
    except TokenExpired:
        raise SsoAnswerRefused from None
    return await completed(issuer, said, tokens.access_token), tokens.id_token


async def completed(issuer: Issuer, said: IdToken, access_token: str) -> IdToken:
    """With what the issuer tells at its UserInfo endpoint alone (OpenID Connect Core 1.0 §5.3), of the same subject."""
    if said.email is not None and issuer.provider.says_groups(said.claims):
        return said
    more = await issuer.user_info(access_token)
    if more and more.get("sub") != said.sub:
        raise SsoAnswerRefused
    return read(IdToken, {**more, **said.claims})


async def pass_on(session: Session, issuer: Issuer, said: IdToken, token: str, challenge: str | None) -> str:
    """A one-time code for who signed in; the database can read nothing by it."""
    mapped = await map_account(session, issuer.provider, said)
    code = browser.make()
    passed = Passed(
        user_id=mapped.holder.user_id,
        identity_id=mapped.identity_id,
        organization_id=mapped.organization_id,
        provider=issuer.provider.name,
        sid=said.sid,
        amr=said.amr,
        id_token=seal(derived(code.encode(), CODE_PURPOSE), token.encode(), CODE_PURPOSE),
    )
    await Codes(session).add(browser.hashed(code), passed, challenge, CODE_LIFETIME)
    return code


async def exchange(trust: Trust, code: str, verifier: str | None, client: Client) -> Entry:
    """Begin the session that a one-time code stands for; raises SsoCodeRefused, SsoAccountInactive."""
    challenge = browser.challenge(verifier) if verifier is not None else None
    try:
        async with trust.database.transaction(SYSTEM) as session:
            passed = await Codes(session).take(browser.hashed(code), challenge)
            if passed is None:
                raise SsoCodeRefused
            return await enter(trust, session, passed, code, client)
    except Refusal as refusal:
        await trust.note_refusal("", refusal)
        raise


async def enter(trust: Trust, session: Session, passed: Passed, code: str, client: Client) -> Entry:
    holder = await Accounts(session).holder(passed.user_id, passed.organization_id)
    if holder is None:
        raise SsoAccountInactive
    entry = await sessions.start(session, holder, client, passed.amr)
    token = unseal(derived(code.encode(), CODE_PURPOSE), passed.id_token, CODE_PURPOSE)
    await SsoSessions(session).add(entry.session_id, passed, trust.sealer.seal(token, purpose(entry.session_id)))
    signed_in = events.SsoSignedIn(
        user_id=holder.user_id, session_id=str(entry.session_id), provider=passed.provider, amr=passed.amr
    )
    outbox.publish(session, signed_in, key=str(holder.user_id), by=holder)
    return entry


def purpose(session_id: object) -> str:
    """What the ID token of a session is sealed for."""
    return f"sso_session.id_token:{session_id}"
