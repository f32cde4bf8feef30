"""orrery.auth.v1.CredentialsService."""

from uuid import UUID

from orrery.auth.v1 import credentials_pb2 as pb
from orrery.auth.v1 import credentials_pb2_grpc as rpc

from libs.database import Database
from libs.rpc.handlers import Context
from services.auth.api_keys.errors import ApiKeyNotFound
from services.auth.api_tokens.errors import ApiTokenNotFound
from services.auth.credentials import answers, repository
from services.auth.credentials.refusals import Refusals
from services.auth.credentials.uses import Uses
from services.auth.sealing import Sealer

UNKNOWN = pb.Identified(refusal="unknown")


class CredentialsServicer(rpc.CredentialsServiceServicer):
    """Answers gateways. A value that is no good is an answer, not an error: they remember it as well."""

    def __init__(self, database: Database, sealer: Sealer, uses: Uses) -> None:
        self._database, self._sealer, self._uses = database, sealer, uses
        self._refusals = Refusals(database)

    async def IdentifyApiToken(self, request: pb.IdentifyRequest, context: Context) -> pb.Identified:
        found = await repository.token(self._database, request.hash)
        if found is None:
            return UNKNOWN
        if refusal := found.refusal or found.actor.refusal:
            await self._refusals.token(found, refusal, request.address)
            return pb.Identified(refusal=refusal)
        self._uses.note_token(found.token_id)
        return answers.api_token(found)

    async def IdentifyApiKey(self, request: pb.IdentifyRequest, context: Context) -> pb.Identified:
        found = await repository.key(self._database, request.hash)
        if found is None:
            return UNKNOWN
        if refusal := found.refusal or found.actor.refusal:
            await self._refusals.key(found, refusal, request.address)
            return pb.Identified(refusal=refusal)
        self._uses.note_key(found.id)
        return answers.api_key(found, self._sealer)

    async def NoteRefusal(self, request: pb.NoteRefusalRequest, context: Context) -> pb.NoteRefusalResponse:
        if request.api_token_id:
            await self._note_token(request)
        else:
            await self._note_key(request)
        return pb.NoteRefusalResponse()

    async def _note_token(self, request: pb.NoteRefusalRequest) -> None:
        found = await repository.token_holder(self._database, request.api_token_id)
        if found is None:
            raise ApiTokenNotFound
        await self._refusals.token_of(found, request.reason, request.address)

    async def _note_key(self, request: pb.NoteRefusalRequest) -> None:
        found = await repository.key_holder(self._database, UUID(request.api_key_id))
        if found is None:
            raise ApiKeyNotFound
        await self._refusals.key_of(found, request.reason, request.address)
