"""Access tokens of trusted issuers: whose they are here."""

from dataclasses import dataclass

from libs.database import SYSTEM, Session
from libs.errors import Refusal
from services.auth.accounts.holder import Holder
from services.auth.accounts.repository import Accounts
from services.auth.sessions.client import Client
from services.auth.sso import shape
from services.auth.sso.errors import SsoAccountInactive, SsoAnswerRefused, SsoOrganizationMissing, TokenRefused
from services.auth.sso.issuer import Issuer
from services.auth.sso.logout import is_over
from services.auth.sso.mapping import map_account, moment
from services.auth.sso.repository import Identities, Newcomers
from services.auth.sso.tokens import AccessToken, access_token
from services.auth.sso.trust import Trust


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose an access token is, and what it said."""

    holder: Holder
    provider: str
    said: AccessToken


async def identify(trust: Trust, token: str, client: Client) -> Bearer:
    """Raises TokenRefused, TokenExpired, SsoIssuerAway, what mapping refuses, and what the organization does."""
    issuer, said = await read(trust, token)
    name = issuer.provider.name
    try:
        async with trust.database.transaction(SYSTEM) as session:
            if await is_over(session, issuer, said):
                raise TokenRefused
            holder = await holder_of(session, issuer, said)
            if refusal := holder.limits.refusal(client):
                raise refusal
            return Bearer(holder, name, said)
    except Refusal as refusal:
        await trust.note_refusal(name, refusal)
        raise


async def read(trust: Trust, token: str) -> tuple[Issuer, AccessToken]:
    """The token's claims once all is checked that can be without the database."""
    try:
        issuer = trust.bearers_issuer(shape.unverified(token).get("iss"))
        if issuer is None:
            raise TokenRefused
        return issuer, await access_token(issuer, token)
    except SsoAnswerRefused:
        raise TokenRefused from None


async def holder_of(session: Session, issuer: Issuer, said: AccessToken) -> Holder:
    """Claims are mapped once a token; a later look only asks whether the account may still act."""
    known = await Identities(session).find(issuer.provider.issuer, said.sub)
    if known is None or known.mapped_at < moment(said):
        return (await map_account(session, issuer.provider, said)).holder
    organization_id = await Newcomers(session).organization(issuer.provider.organization)
    if organization_id is None:
        raise SsoOrganizationMissing
    holder = await Accounts(session).holder(known.user_id, organization_id)
    if holder is None:
        raise SsoAccountInactive
    return holder
