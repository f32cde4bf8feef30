"""orrery.auth.v1.SsoService."""

from uuid import UUID

from orrery.auth.v1 import sessions_pb2
from orrery.auth.v1 import sso_pb2 as pb
from orrery.auth.v1 import sso_pb2_grpc as rpc
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.fields import given
from services.auth.roles.permissions import scope
from services.auth.sessions import answers
from services.auth.sessions.client import Client
from services.auth.sessions.tokens import AccessTokens
from services.auth.sso import bearers, logout, sign_in
from services.auth.sso.bearers import Bearer
from services.auth.sso.repository import Flow
from services.auth.sso.rules import admit
from services.auth.sso.sign_in import FLOW_LIFETIME, Answer
from services.auth.sso.trust import Trust

SECONDS = int(FLOW_LIFETIME.total_seconds())


class SsoServicer(rpc.SsoServiceServicer):
    def __init__(self, trust: Trust, tokens: AccessTokens) -> None:
        self._trust, self._tokens = trust, tokens

    async def ListSsoProviders(self, request: pb.ListSsoProvidersRequest, context: Context) -> pb.SsoProviders:
        providers = self._trust.settings.providers
        return pb.SsoProviders(providers=[pb.SsoProvider(name=one.name, display_name=one.title) for one in providers])

    async def BeginSsoSignIn(self, request: pb.BeginSsoSignInRequest, context: Context) -> pb.SsoSignIn:
        admit(request)
        target = self._trust.target(given(request, "redirect_uri"))
        flow = Flow(target, given(request, "state"), given(request, "code_challenge"))
        begun = await sign_in.set_out(self._trust, request.provider, flow)
        return pb.SsoSignIn(
            authorization_url=begun.url, state=begun.state, browser_secret=begun.secret, expires_in=SECONDS
        )

    async def FinishSsoSignIn(self, request: pb.FinishSsoSignInRequest, context: Context) -> pb.SsoRedirect:
        answer = Answer(request.state, request.code, request.error, given(request, "iss"), request.browser_secret)
        return pb.SsoRedirect(location=await sign_in.finish(self._trust, request.provider, answer))

    async def ExchangeSsoCode(self, request: pb.ExchangeSsoCodeRequest, context: Context) -> sessions_pb2.TokenPair:
        verifier = given(request, "code_verifier")
        entry = await sign_in.exchange(self._trust, request.code, verifier, Client.of(caller()))
        return answers.pair(entry, self._tokens.issue(entry))

    async def BeginSsoLogout(self, request: pb.BeginSsoLogoutRequest, context: Context) -> pb.SsoRedirect:
        own, target = caller().session_id, given(request, "redirect_uri")
        location = await logout.leave(self._trust, request.provider, target, UUID(own) if own else None)
        return pb.SsoRedirect(location=location)

    async def ReceiveSsoLogout(
        self, request: pb.ReceiveSsoLogoutRequest, context: Context
    ) -> pb.ReceiveSsoLogoutResponse:
        ended = await logout.receive(self._trust, request.provider, request.logout_token)
        return pb.ReceiveSsoLogoutResponse(ended=ended)

    async def ListTrustedIssuers(self, request: pb.ListTrustedIssuersRequest, context: Context) -> pb.TrustedIssuers:
        trusted = [one.issuer for one in self._trust.settings.providers if one.accept_bearer]
        return pb.TrustedIssuers(issuers=trusted)

    async def IdentifyBearer(self, request: pb.IdentifyBearerRequest, context: Context) -> pb.IdentifiedBearer:
        return to_proto(await bearers.identify(self._trust, request.token, Client.of(caller())))


def to_proto(bearer: Bearer) -> pb.IdentifiedBearer:
    """Somebody signed in elsewhere: all that their role may, but no session of ours and no platform administrator."""
    holder = bearer.holder
    identity = Identity(
        subject=str(holder.account.id),
        user_id=holder.user_id,
        organization_id=holder.organization_id,
        roles=[holder.role],
        scopes=scope(holder.role, holder.grants).split(),
        grants=holder.grants,
        credential=Credential.CREDENTIAL_OAUTH,
        credential_id=f"sso:{bearer.provider}",
    )
    return pb.IdentifiedBearer(identity=identity, token_expires_at=bearer.said.exp, token_issued_at=bearer.said.iat)
