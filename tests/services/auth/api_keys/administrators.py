"""ADMINs who manage keys, and gateways who ask whose they are."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message
from orrery.auth.v1 import api_keys_pb2 as pb
from orrery.auth.v1 import credentials_pb2
from orrery.types.v1.types_pb2 import ListQuery, RawJson

from libs.rpc.credentials import hashed
from tests.services.auth.api_tokens.people import Person
from tests.services.auth.gateways import ask
from tests.services.auth.house import House

READ_MEDIA = pb.ApiPermission(resource="media", actions=["read"])
ADDRESS = "198.51.100.9"


class Administrator(Person):
    """Somebody with an organization of their own."""

    async def create(self, **more: Any) -> pb.ShownApiKey:
        given = {"id": self.organization_id, "name": "Import", "permissions": [READ_MEDIA], **more}
        return await self.auth.call("CreateApiKey", pb.CreateApiKeyRequest(**given), pb.ShownApiKey, self.visitor)

    async def get(self, key_id: str, organization_id: str = "") -> pb.ApiKey:
        request = pb.GetApiKeyRequest(id=organization_id or self.organization_id, key_id=key_id)
        return await self.auth.call("GetApiKey", request, pb.ApiKey, self.visitor)

    async def change(self, key_id: str, **changes: Any) -> pb.ShownApiKey:
        """Bytes are JSON."""
        given: dict[str, Any] = {
            name: RawJson(json=one) if isinstance(one, bytes) else one for name, one in changes.items()
        }
        request = pb.UpdateApiKeyRequest(id=self.organization_id, key_id=key_id, **given)
        return await self.auth.call("UpdateApiKey", request, pb.ShownApiKey, self.visitor)

    async def rotate(self, key_id: str, overlap_seconds: int = 0, **more: Any) -> pb.ShownApiKey:
        request = pb.RotateApiKeyRequest(
            id=self.organization_id, key_id=key_id, overlap_seconds=overlap_seconds, **more
        )
        return await self.auth.call("RotateApiKey", request, pb.ShownApiKey, self.visitor)

    async def end(self, key_id: str, **more: Any) -> pb.ApiKey:
        request = pb.RevokeApiKeyRequest(id=self.organization_id, key_id=key_id, **more)
        return await self.auth.call("RevokeApiKey", request, pb.ApiKey, self.visitor)

    async def page(self, **query: Any) -> pb.ListApiKeysResponse:
        request = pb.ListApiKeysRequest(id=self.organization_id, query=ListQuery(**query))
        return await self.auth.call("ListApiKeys", request, pb.ListApiKeysResponse, self.visitor)


async def administrator(auth: House) -> Administrator:
    return Administrator(auth, await auth.register())


async def identify(auth: House, value: str) -> credentials_pb2.Identified:
    """What a gateway is told of a key."""
    request = credentials_pb2.IdentifyRequest(hash=hashed(value), address=ADDRESS)
    return await ask(auth, "IdentifyApiKey", request, credentials_pb2.Identified)


async def told(auth: House, kind: type[Message], key_id: str) -> list[Any]:
    """The events of a kind about a key, oldest first."""
    return [kind.FromString(row.payload) for row in await auth.staged(kind) if row.key == key_id]


def permission(resource: str, *actions: str, fields: tuple[str, ...] = (), filters: str = "") -> pb.ApiPermission:
    made = pb.ApiPermission(resource=resource, actions=actions)
    if fields or filters:
        made.conditions.CopyFrom(pb.ApiConditions(fields=fields, filters=RawJson(json=filters.encode())))
    return made


def later(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()
