"""orrery.auth.v1.OAuthService."""

from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1 import oauth_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts.passwords import Passwords
from services.auth.oauth import userinfo
from services.auth.oauth.authorization import Authorization, Visit
from services.auth.oauth.forms import Form
from services.auth.oauth.signing_in import Forms
from services.auth.oauth.signing_out import SigningOut
from services.auth.oauth.token_endpoint import TokenEndpoint
from services.auth.oauth.tokens import OAuthTokens
from services.auth.sealing import Sealer
from services.auth.second_factors.authenticator import Authenticator
from services.auth.sessions.client import Client


class OAuthServicer(rpc.OAuthServiceServicer):
    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        authenticator: Authenticator,
        sealer: Sealer,
        tokens: OAuthTokens,
    ) -> None:
        self._database = database
        self._authorization = Authorization(sealer, tokens.issuer)
        self._forms = Forms(database, passwords, authenticator, sealer, self._authorization)
        self._signing_out = SigningOut(database, sealer, tokens, self._authorization)
        self._tokens = TokenEndpoint(database, tokens)

    async def Authorize(self, request: pb.AuthorizeRequest, context: Context) -> pb.AuthorizeStep:
        async with self._database.transaction(SYSTEM) as session:
            return await self._authorization.arrive(session, Form.of(request.parameters), visit(request.browser))

    async def SignInToAuthorize(self, request: pb.SignInToAuthorizeRequest, context: Context) -> pb.AuthorizeStep:
        return await self._forms.sign_in(request, visit(request.browser))

    async def DecideConsent(self, request: pb.DecideConsentRequest, context: Context) -> pb.AuthorizeStep:
        return await self._forms.decide(request, visit(request.browser))

    async def EndSession(self, request: pb.EndSessionRequest, context: Context) -> pb.AuthorizeStep:
        if request.request:
            return await self._signing_out.confirmed(request.request, visit(request.browser))
        return await self._signing_out.wished(Form.of(request.parameters), visit(request.browser))

    async def ExchangeToken(self, request: pb.ClientRequest, context: Context) -> pb.TokenAnswer:
        return await self._tokens.exchange(request, Client.of(caller()))

    async def RevokeToken(self, request: pb.ClientRequest, context: Context) -> pb.RevokeTokenResponse:
        await self._tokens.revoke(request, Client.of(caller()))
        return pb.RevokeTokenResponse()

    async def IntrospectToken(self, request: pb.ClientRequest, context: Context) -> pb.Introspection:
        return await self._tokens.introspect(request, Client.of(caller()))

    async def GetUserInfo(self, request: pb.GetUserInfoRequest, context: Context) -> pb.UserInfo:
        return await userinfo.claims(self._database, caller())


def visit(cookie: str) -> Visit:
    return Visit(cookie, Client.of(caller()))
