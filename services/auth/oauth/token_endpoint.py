"""The token endpoint (RFC 6749 §3.2), revocation (RFC 7009) and introspection (RFC 7662)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from uuid import UUID

from orrery.auth.v1 import oauth_pb2 as pb

from libs.database import SYSTEM, Database, Session
from services.auth.accounts.repository import Accounts
from services.auth.oauth import operations
from services.auth.oauth.client_authentication import claimed, prove
from services.auth.oauth.errors import InvalidClient, InvalidGrant, InvalidRequest, UnauthorizedClient
from services.auth.oauth.errors import UnsupportedGrantType as Unsupported
from services.auth.oauth.forms import Form, scopes_of
from services.auth.oauth.operations import Issue
from services.auth.oauth.repository import Grants, RefreshTokens
from services.auth.oauth.tokens import OAuthTokens, Presented, lifetime_of
from services.auth.oauth_clients.repository import Clients, Known, as_uuid
from services.auth.oauth_clients.rules import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, REFRESH_TOKEN
from services.auth.oauth_clients.scopes import OPENID
from services.auth.sessions.client import Client

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
BEARER = "Bearer"
NOTHING = pb.Introspection(active=False)
Way = Callable[[Session, Known, Form, Client], Awaitable[Issue | None]]


class TokenEndpoint:
    """What clients ask of us, each with a form and its credentials."""

    def __init__(self, database: Database, tokens: OAuthTokens) -> None:
        self._database, self._tokens = database, tokens

    async def exchange(self, request: pb.ClientRequest, client: Client) -> pb.TokenAnswer:
        """Raises the refusals of services.auth.oauth.errors."""
        form = Form.strict(request.parameters)
        way = WAYS.get(form.need("grant_type"))
        if way is None:
            raise Unsupported
        known = await self._authenticated(form, request.authorization, client)
        if form.get("grant_type") not in known.client.grant_types:
            raise UnauthorizedClient
        async with self._database.transaction(SYSTEM) as session:
            issue = await way(session, known, form, client)
        if issue is None:
            raise InvalidGrant
        return self._answer(issue)

    async def revoke(self, request: pb.ClientRequest, client: Client) -> None:
        """End the grant of a token of this client; any other token is none of its business, and no error."""
        form = Form.strict(request.parameters)
        known = await self._authenticated(form, request.authorization, client)
        token = form.need("token")
        access = self._tokens.read_access(token)
        async with self._database.transaction(SYSTEM) as session:
            grant_id = as_uuid(access.text("sid")) if access else await RefreshTokens(session).grant_of(token)
            live = await Grants(session).live(grant_id) if grant_id else None
            if live and live[1] == known.client.id:
                await operations.end(session, live[0].id, operations.REVOKED)

    async def introspect(self, request: pb.ClientRequest, client: Client) -> pb.Introspection:
        """What a token of an app of the same organization is good for; of any other, that it is not good."""
        form = Form.strict(request.parameters)
        known = await self._authenticated(form, request.authorization, client)
        if known.client.is_public:
            raise InvalidClient
        token = form.need("token")
        access = self._tokens.read_access(token)
        async with self._database.transaction(SYSTEM) as session:
            if access:
                return await self._of_access(session, known, access)
            return await self._of_refresh(session, known, token)

    async def _authenticated(self, form: Form, authorization: str, client: Client) -> Known:
        claim = claimed(form, authorization)
        async with self._database.transaction(SYSTEM) as session:
            known = await prove(session, claim, client)
        if known is None:
            raise InvalidClient
        return known

    def _answer(self, issue: Issue) -> pb.TokenAnswer:
        access = self._tokens.access(issue)
        answer = pb.TokenAnswer(
            access_token=access, token_type=BEARER, expires_in=lifetime_of(issue), scope=" ".join(issue.scopes)
        )
        if issue.refresh_token:
            answer.refresh_token = issue.refresh_token
        if OPENID in issue.scopes:
            answer.id_token = self._tokens.identity(issue, access)
        return answer

    async def _of_access(self, session: Session, known: Known, access: Presented) -> pb.Introspection:
        issue = await of_grant(session, known, as_uuid(access.text("sid")))
        if issue is None:
            return NOTHING
        told = self._told(issue, access.text("scope"))
        told.token_type, told.aud, told.jti = BEARER, self._tokens.audience, access.text("jti")
        told.exp, told.iat = access.claims["exp"], access.claims["iat"]
        return told

    async def _of_refresh(self, session: Session, known: Known, token: str) -> pb.Introspection:
        found = await RefreshTokens(session).live(token)
        issue = await of_grant(session, known, found[0]) if found else None
        if found is None or issue is None:
            return NOTHING
        told = self._told(issue, " ".join(issue.scopes))
        told.token_type, told.exp = "refresh_token", int(found[1].timestamp())
        return told

    def _told(self, issue: Issue, scope: str) -> pb.Introspection:
        account = issue.holder.account
        return pb.Introspection(
            active=True,
            scope=scope,
            client_id=str(issue.client_id),
            username=account.username,
            sub=str(account.id),
            iss=self._tokens.issuer,
        )


async def of_grant(session: Session, asker: Known, grant_id: UUID) -> Issue | None:
    """A live grant of a client of the asker's organization, whose person and organization may act."""
    live = await Grants(session).live(grant_id)
    if live is None:
        return None
    granted, client_id = live
    known = await Clients(session).known(str(client_id))
    publisher = asker.client.organization_id
    if known is None or known.client.organization_id != publisher:
        return None
    holder = await Accounts(session).holder(granted.user_id, granted.organization_id)
    return Issue(holder, granted, client_id, publisher, granted.scopes) if holder else None


async def by_code(session: Session, known: Known, form: Form, client: Client) -> Issue | None:
    verifier = form.need("code_verifier")
    if not VERIFIER.fullmatch(verifier):
        raise InvalidRequest("The code_verifier is not 43 to 128 unreserved characters.")
    bound = {"redirect_uri": form.need("redirect_uri"), "challenge": challenge_of(verifier)}
    return await operations.redeem(session, known, form.need("code"), bound, client)


async def by_refresh_token(session: Session, known: Known, form: Form, client: Client) -> Issue | None:
    scopes = scopes_of(form.get("scope"))
    return await operations.renew(session, known, form.need("refresh_token"), scopes, client)


async def by_credentials(session: Session, known: Known, form: Form, client: Client) -> Issue | None:
    return await operations.act_for_organization(session, known, scopes_of(form.get("scope")), client)


WAYS: dict[str, Way] = {
    AUTHORIZATION_CODE: by_code,
    REFRESH_TOKEN: by_refresh_token,
    CLIENT_CREDENTIALS: by_credentials,
}


def challenge_of(verifier: str) -> str:
    """The S256 challenge that a verifier belongs to (RFC 7636 §4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()
