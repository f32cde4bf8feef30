"""People with passkeys."""

import json
from dataclasses import dataclass
from typing import Any

from orrery.auth.v1 import passkeys_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn
from orrery.types.v1.types_pb2 import RawJson

from tests.services.auth.house import VISITOR, House, Visitor
from tests.services.auth.passkeys.authenticator import ORDERLY, Authenticator, Manner


def raw(document: Any) -> RawJson:
    return RawJson(json=document if isinstance(document, bytes) else json.dumps(document).encode())


@dataclass
class Person:
    """Somebody signed in, and their device."""

    auth: House
    signed_in: SignedIn
    device: Authenticator

    @property
    def user_id(self) -> int:
        return self.signed_in.user.user_id

    @property
    def visitor(self) -> Visitor:
        return Visitor(token=self.signed_in.token)

    async def options(self) -> dict[str, Any]:
        request = pb.BeginPasskeyRegistrationRequest()
        answer = await self.auth.call("BeginPasskeyRegistration", request, pb.PasskeyOptions, self.visitor)
        found: dict[str, Any] = json.loads(answer.public_key.json)
        return found

    async def verify(self, document: Any, **more: str) -> pb.Passkey:
        request = pb.RegisterPasskeyRequest(credential=raw(document), **more)
        answer = await self.auth.call("RegisterPasskey", request, pb.RegisterPasskeyResponse, self.visitor)
        return answer.credential

    async def register(self, manner: Manner = ORDERLY, **more: str) -> pb.Passkey:
        return await self.verify(self.device.create(await self.options(), manner), **more)

    async def passkeys(self) -> list[pb.Passkey]:
        answer = await self.auth.call("ListPasskeys", pb.ListPasskeysRequest(), pb.ListPasskeysResponse, self.visitor)
        return list(answer.credentials)


async def person(auth: House, device: Authenticator | None = None) -> Person:
    return Person(auth, await auth.register(), device or Authenticator())


async def login_options(auth: House) -> dict[str, Any]:
    answer = await auth.call("BeginPasskeyLogin", pb.BeginPasskeyLoginRequest(), pb.PasskeyOptions)
    found: dict[str, Any] = json.loads(answer.public_key.json)
    return found


async def enter(auth: House, document: Any, visitor: Visitor = VISITOR) -> SignedIn:
    return await auth.call("LoginByPasskey", pb.LoginByPasskeyRequest(credential=raw(document)), SignedIn, visitor)


async def login(auth: House, device: Authenticator, manner: Manner = ORDERLY) -> SignedIn:
    return await enter(auth, device.get(await login_options(auth), manner))
