"""orrery.auth.v1.ApiKeysService."""

from datetime import timedelta
from uuid import UUID

from orrery.auth.v1 import api_keys_pb2 as pb
from orrery.auth.v1 import api_keys_pb2_grpc as rpc

from libs.database import Database, Session, Tenant
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.api_keys import answers, drafts, operations
from services.auth.api_keys.operations import Shown
from services.auth.api_keys.repository import ApiKeys
from services.auth.api_keys.standing import administer
from services.auth.sealing import Sealer

Changing = pb.UpdateApiKeyRequest | pb.RotateApiKeyRequest | pb.RevokeApiKeyRequest


class ApiKeysServicer(rpc.ApiKeysServiceServicer):
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    async def ListApiKeys(self, request: pb.ListApiKeysRequest, context: Context) -> pb.ListApiKeysResponse:
        tenant = await administer(self._database, caller(), request.id)
        async with self._database.transaction(tenant) as session:
            keys = ApiKeys(session, UUID(tenant.organization_id))
            found, pagination = await keys.page(request.query)
            creators = await keys.creators(found)
        items = [answers.api_key(key, creators) for key in found]
        return pb.ListApiKeysResponse(items=items, pagination=pagination)

    async def CreateApiKey(self, request: pb.CreateApiKeyRequest, context: Context) -> pb.ShownApiKey:
        tenant, wanted = await administer(self._database, caller(), request.id), drafts.draft(request)
        async with self._database.transaction(tenant) as session:
            made = await operations.create(session, tenant, wanted, self._sealer)
            return await shown(session, tenant, made)

    async def GetApiKey(self, request: pb.GetApiKeyRequest, context: Context) -> pb.ApiKey:
        tenant = await administer(self._database, caller(), request.id)
        async with self._database.transaction(tenant) as session:
            keys = ApiKeys(session, UUID(tenant.organization_id))
            key = await keys.get(request.key_id)
            return answers.api_key(key, await keys.creators([key]))

    async def UpdateApiKey(self, request: pb.UpdateApiKeyRequest, context: Context) -> pb.ShownApiKey:
        tenant, changes = await administer(self._database, caller(), request.id), drafts.changes(request)
        async with self._database.transaction(tenant) as session:
            made = await operations.change(session, tenant, request.key_id, changes, expected(request), self._sealer)
            return await shown(session, tenant, made)

    async def RotateApiKey(self, request: pb.RotateApiKeyRequest, context: Context) -> pb.ShownApiKey:
        tenant = await administer(self._database, caller(), request.id)
        overlap = timedelta(seconds=request.overlap_seconds)
        async with self._database.transaction(tenant) as session:
            made = await operations.rotate(session, tenant, request.key_id, overlap, expected(request), self._sealer)
            return await shown(session, tenant, made)

    async def RevokeApiKey(self, request: pb.RevokeApiKeyRequest, context: Context) -> pb.ApiKey:
        tenant = await administer(self._database, caller(), request.id)
        async with self._database.transaction(tenant) as session:
            key = await operations.revoke(session, tenant, request.key_id, expected(request))
            return answers.api_key(key, await ApiKeys(session, key.organization_id).creators([key]))


async def shown(session: Session, tenant: Tenant, made: Shown) -> pb.ShownApiKey:
    return answers.shown(made, await ApiKeys(session, UUID(tenant.organization_id)).creators([made.key]))


def expected(request: Changing) -> int | None:
    """The version that If-Match names."""
    return request.expected_version if request.HasField("expected_version") else None
