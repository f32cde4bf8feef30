"""orrery.auth.v1.SessionsService."""

from uuid import UUID

from orrery.auth.v1 import accounts_pb2
from orrery.auth.v1 import sessions_pb2 as pb
from orrery.auth.v1 import sessions_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.errors import Violation
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts.passwords import Passwords
from services.auth.fields import refuse
from services.auth.sessions import answers, operations
from services.auth.sessions.client import Client
from services.auth.sessions.errors import NothingToEnd, RefreshRefused
from services.auth.sessions.login import Attempt, sign_in
from services.auth.sessions.operations import Entry
from services.auth.sessions.tokens import AccessTokens


class SessionsServicer(rpc.SessionsServiceServicer):
    def __init__(self, database: Database, passwords: Passwords, tokens: AccessTokens) -> None:
        self._database, self._passwords, self._tokens = database, passwords, tokens

    async def Login(self, request: pb.LoginRequest, context: Context) -> accounts_pb2.SignedIn:
        entry = await sign_in(self._database, self._passwords, attempt(request))
        return answers.signed_in(entry, self._tokens.issue(entry))

    async def CreateTokens(self, request: pb.LoginRequest, context: Context) -> pb.TokenPair:
        entry = await sign_in(self._database, self._passwords, attempt(request))
        return answers.pair(entry, self._tokens.issue(entry))

    async def Refresh(self, request: pb.RefreshRequest, context: Context) -> pb.RefreshedTokens:
        entry = await self._rotated(request)
        return answers.refreshed(entry, self._tokens.issue(entry))

    async def RefreshTokens(self, request: pb.RefreshRequest, context: Context) -> pb.TokenPair:
        entry = await self._rotated(request)
        return answers.pair(entry, self._tokens.issue(entry))

    async def Logout(self, request: pb.LogoutRequest, context: Context) -> pb.LogoutResponse:
        token, own = refresh_token(request), caller().session_id
        if not (token or own):
            raise NothingToEnd
        async with self._database.transaction(SYSTEM) as session:
            await operations.log_out(session, token, UUID(own) if own else None)
        return pb.LogoutResponse(success=True)

    async def _rotated(self, request: pb.RefreshRequest) -> Entry:
        token = refresh_token(request)
        refuse(*(() if token else [Violation("refresh_token", "This field is required.", "required")]))
        async with self._database.transaction(SYSTEM) as session:
            entry = await operations.rotate(session, token, Client.of(caller()))
        if entry is None:
            raise RefreshRefused
        return entry


def attempt(request: pb.LoginRequest) -> Attempt:
    """Raises Invalid where nobody is named."""
    name = request.username or request.email
    refuse(*(() if name else [Violation("username", "Send a username or an e-mail address.", "required")]))
    return Attempt(name, request.password, Client.of(caller()))


def refresh_token(request: pb.RefreshRequest | pb.LogoutRequest) -> str:
    """Under whichever of its names it was sent; empty where under none."""
    return request.refresh_token or request.refresh_token_camel
