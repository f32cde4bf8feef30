"""orrery.auth.v1.SessionsService."""

import re
from uuid import UUID

from orrery.auth.v1 import accounts_pb2
from orrery.auth.v1 import sessions_pb2 as pb
from orrery.auth.v1 import sessions_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.errors import Violation
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts.passwords import Passwords
from services.auth.fields import given, refuse
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import Proof
from services.auth.second_factors.rules import backup_violations, otp_violations
from services.auth.sessions import answers, operations
from services.auth.sessions.client import Client
from services.auth.sessions.errors import AddressNotAllowed, HttpsRequired, NothingToEnd, RefreshRefused
from services.auth.sessions.login import Attempt, sign_in
from services.auth.sessions.operations import LIFETIMES, Entry
from services.auth.sessions.repository import Lifetimes
from services.auth.sessions.tokens import AccessTokens
from services.auth.sso.logout import end_session_url
from services.auth.sso.trust import Trust

UUID_FORM = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class SessionsServicer(rpc.SessionsServiceServicer):
    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: AccessTokens,
        authenticator: Authenticator,
        trust: Trust | None = None,
        lifetimes: Lifetimes = LIFETIMES,
    ) -> None:
        """`trust`: the issuers that people sign in through; none where absent."""
        self._database, self._passwords, self._tokens, self._trust = database, passwords, tokens, trust
        self._authenticator, self._lifetimes = authenticator, lifetimes

    async def Login(self, request: pb.LoginRequest, context: Context) -> accounts_pb2.SignedIn:
        entry = await self._entered(request)
        return answers.signed_in(entry, self._tokens.issue(entry))

    async def CreateTokens(self, request: pb.LoginRequest, context: Context) -> pb.TokenPair:
        entry = await self._entered(request)
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
            ended = await operations.log_out(session, token, UUID(own) if own else None)
        elsewhere = await end_session_url(self._trust, ended) if self._trust and ended else None
        return pb.LogoutResponse(success=True, end_session_url=elsewhere)

    async def _entered(self, request: pb.LoginRequest) -> Entry:
        return await sign_in(self._database, self._passwords, self._authenticator, attempt(request))

    async def _rotated(self, request: pb.RefreshRequest) -> Entry:
        token = refresh_token(request)
        refuse(*(() if token else [Violation("refresh_token", "This field is required.", "required")]))
        client, wanted = Client.of(caller()), organization(request)
        try:
            async with self._database.transaction(SYSTEM) as session:
                entry = await operations.rotate(session, token, client, wanted, self._lifetimes)
        except (AddressNotAllowed, HttpsRequired) as refusal:
            async with self._database.transaction(SYSTEM) as session:
                await operations.note_refused_refresh(session, token, refusal, client)
            raise
        if entry is None:
            raise RefreshRefused
        return entry


def attempt(request: pb.LoginRequest) -> Attempt:
    """Raises Invalid where nobody is named."""
    name = request.username or request.email
    refuse(*(() if name else [Violation("username", "Send a username or an e-mail address.", "required")]))
    wanted = identified(given(request, "organization_id"))
    return Attempt(name, request.password, Client.of(caller()), code(request), wanted)


def code(request: pb.LoginRequest) -> Proof:
    """Raises Invalid for a code that cannot be one."""
    otp, backup = given(request, "otp_code"), given(request, "backup_code")
    refuse(*otp_violations("otp_code", otp), *backup_violations("backup_code", backup))
    return Proof(otp, backup)


def organization(request: pb.RefreshRequest) -> UUID | None:
    """The one that is wanted, under whichever of its names it was sent."""
    return identified(given(request, "organization_id") or given(request, "organization_id_camel"))


def identified(text: str | None) -> UUID | None:
    """Raises Invalid for what is no UUID."""
    is_one = not text or UUID_FORM.fullmatch(text)
    refuse(*(() if is_one else [Violation("organization_id", "This must be a UUID.", "invalid_format")]))
    return UUID(text) if text else None


def refresh_token(request: pb.RefreshRequest | pb.LogoutRequest) -> str:
    """Under whichever of its names it was sent; empty where under none."""
    return request.refresh_token or request.refresh_token_camel
