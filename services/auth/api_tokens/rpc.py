"""orrery.auth.v1.ApiTokensService."""

from datetime import timedelta

from orrery.auth.v1 import api_tokens_pb2 as pb
from orrery.auth.v1 import api_tokens_pb2_grpc as rpc

from libs.database import Database
from libs.errors import Refusal
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.api_tokens import operations, rules
from services.auth.api_tokens.errors import ScopeNotHeld, TooManyTokens
from services.auth.api_tokens.models import ApiToken
from services.auth.api_tokens.operations import Issued
from services.auth.api_tokens.repository import ApiTokens
from services.auth.moments import rfc3339

PAGE = 100
REASONS: dict[type[Refusal], str] = {ScopeNotHeld: "scope_not_held", TooManyTokens: "too_many"}


class ApiTokensServicer(rpc.ApiTokensServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def CreateApiToken(self, request: pb.CreateApiTokenRequest, context: Context) -> pb.IssuedApiToken:
        issued = await self._issued(rules.known(request.scope), rules.lifetime(request.expires_in))
        expires_at = rfc3339(issued.token.expires_at)
        return pb.IssuedApiToken(token=issued.value, expires_at=expires_at, token_id=issued.token.token_id)

    async def ListApiTokens(self, request: pb.ListApiTokensRequest, context: Context) -> pb.ListApiTokensResponse:
        async with self._database.transaction(caller()) as session:
            found = await ApiTokens(session, caller().user_id).page(request.limit or PAGE, request.offset)
        return pb.ListApiTokensResponse(tokens=[to_proto(one) for one in found])

    async def RevokeApiToken(self, request: pb.RevokeApiTokenRequest, context: Context) -> pb.RevokeApiTokenResponse:
        async with self._database.transaction(caller()) as session:
            await operations.revoke(session, caller().user_id, request.token_id)
        return pb.RevokeApiTokenResponse(success=True)

    async def _issued(self, scopes: list[str], lifetime: timedelta) -> Issued:
        try:
            async with self._database.transaction(caller()) as session:
                return await operations.issue(session, caller(), scopes, lifetime)
        except (ScopeNotHeld, TooManyTokens) as refusal:
            async with self._database.transaction(caller()) as session:  # its own: it stays when the call is refused
                operations.note_refusal(session, caller(), REASONS[type(refusal)])
            raise


def to_proto(token: ApiToken) -> pb.ApiToken:
    return pb.ApiToken(
        token_id=token.token_id,
        scope=token.scope or [],
        expires_at=rfc3339(token.expires_at),
        revoked=token.revoked,
        issued_at=rfc3339(token.issued_at),
        last_used_at=rfc3339(token.last_used_at) if token.last_used_at else None,
    )
