"""People who issue tokens, and gateways who ask whose they are."""

from dataclasses import dataclass
from typing import Any

from orrery.auth.v1 import api_tokens_pb2 as pb
from orrery.auth.v1 import credentials_pb2
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.rpc.credentials import hashed
from tests.services.auth.gateways import ask
from tests.services.auth.house import House, Visitor, claims

HOUR = 3600


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    auth: House
    signed_in: SignedIn

    @property
    def visitor(self) -> Visitor:
        return Visitor(token=self.signed_in.token)

    @property
    def user_id(self) -> int:
        return self.signed_in.user.user_id

    @property
    def organization_id(self) -> str:
        return str(claims(self.signed_in.token)["org"])

    async def issue(self, *scope: str, expires_in: int = HOUR) -> pb.IssuedApiToken:
        request = pb.CreateApiTokenRequest(scope=scope or ["media:read"], expires_in=expires_in)
        return await self.auth.call("CreateApiToken", request, pb.IssuedApiToken, self.visitor)

    async def tokens(self, **page: Any) -> list[pb.ApiToken]:
        request = pb.ListApiTokensRequest(**page)
        return list((await self.auth.call("ListApiTokens", request, pb.ListApiTokensResponse, self.visitor)).tokens)

    async def revoke(self, token_id: int) -> bool:
        request = pb.RevokeApiTokenRequest(token_id=token_id)
        return (await self.auth.call("RevokeApiToken", request, pb.RevokeApiTokenResponse, self.visitor)).success


async def person(auth: House) -> Person:
    return Person(auth, await auth.register())


async def identify(auth: House, value: str) -> credentials_pb2.Identified:
    """What a gateway is told of a token."""
    request = credentials_pb2.IdentifyRequest(hash=hashed(value), address="198.51.100.9")
    return await ask(auth, "IdentifyApiToken", request, credentials_pb2.Identified)
