"""An auth that knows tokens and keys, and a gateway that asks it."""

import asyncio
import time
from pathlib import Path

from grpc.aio import ServicerContext
from orrery.auth.v1 import credentials_pb2 as pb
from orrery.auth.v1 import credentials_pb2_grpc as rpc
from orrery.auth.v1.sessions_pb2 import KeySet
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import AskedCredentials, Authenticator, Keys, Proxies, Revocations, Tokens
from gateway.identity.refusals import (
    CredentialsAway,
)
from libs.kafka import Kafka
from libs.rpc import Client, Server, Signer, caller
from libs.rpc.credentials import LIVE, TOKEN, hashed, make
from libs.settings import KafkaSettings, RpcSettings, TlsSettings
from tests.gateway.identity.issuer import identity_keys

READER = Access(caller=Caller.CALLER_USER, scope="media:read", action="read", resource="media")
WRITER = Access(caller=Caller.CALLER_USER, scope="media:write", action="delete", resource="media")
SESSION = Access(caller=Caller.CALLER_SESSION)
ANYONE = Access(caller=Caller.CALLER_ANYONE)
PEER, OTHER = "203.0.113.9", "198.51.100.1"
ORGANIZATION = "0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10"
Context = ServicerContext[pb.IdentifyRequest, pb.Identified]


class Ledger(rpc.CredentialsServiceServicer):
    """What auth knows; `asked` counts the questions for each value."""

    def __init__(self) -> None:
        self.known: dict[bytes, pb.Identified] = {}
        self.asked: dict[bytes, int] = {}
        self.noted: list[pb.NoteRefusalRequest] = []
        self.open, self.heard, self.told = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.open.set()

    async def IdentifyApiToken(self, request: pb.IdentifyRequest, context: Context) -> pb.Identified:
        return await self._answer(request)

    async def IdentifyApiKey(self, request: pb.IdentifyRequest, context: Context) -> pb.Identified:
        return await self._answer(request)

    async def NoteRefusal(
        self, request: pb.NoteRefusalRequest, context: ServicerContext[pb.NoteRefusalRequest, pb.NoteRefusalResponse]
    ) -> pb.NoteRefusalResponse:
        self.noted.append(request)
        self.told.set()
        return pb.NoteRefusalResponse()

    async def _answer(self, request: pb.IdentifyRequest) -> pb.Identified:
        assert caller().credential == Credential.CREDENTIAL_SERVICE
        self.asked[request.hash] = self.asked.get(request.hash, 0) + 1
        found = self.known.get(request.hash) or pb.Identified(refusal="unknown")
        self.heard.set()
        await self.open.wait()
        return found


class Scene:
    """A gateway that asks the ledger."""

    def __init__(self, folder: Path) -> None:
        private, self.public = identity_keys(folder)
        self.ledger, self.signer = Ledger(), Signer(private)
        self.revocations = Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1")))
        self.server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(self.public)), self.ledger)
        self.client = Client("auth", f"127.0.0.1:{self.server.port}", TlsSettings())
        tokens = Tokens(Keys(no_keys), self.revocations, "http://orrery.test", "orrery")
        credentials = AskedCredentials(self.client, self.signer, self.revocations.ended)
        self.authenticator = Authenticator(tokens, credentials, self.signer, Proxies())

    def issue(self, prefix: str = LIVE, **limits: object) -> str:
        """A new value that auth knows."""
        value = make(prefix)
        kind = Credential.CREDENTIAL_API_TOKEN if prefix == TOKEN else Credential.CREDENTIAL_API_KEY
        grants = [] if prefix == TOKEN else [Grant(resource="media", actions=["read"])]
        identity = Identity(
            subject="0190a8c4-0000-7000-8000-000000000001",
            user_id=7,
            organization_id=ORGANIZATION,
            roles=["ADMIN"],
            scopes=["media:read", "media:write"] if grants else ["media:read"],
            grants=grants,
            credential=kind,
            credential_id=f"id-{len(self.ledger.known)}" if grants else "7",
        )
        self.ledger.known[hashed(value)] = pb.Identified(identity=identity, **limits)  # type: ignore[arg-type]  # fields
        return value

    async def admit(
        self, value: str, access: Access = READER, *, peer: str = PEER, origin: bytes = b"", agent: bytes = b"t"
    ) -> Identity:
        name, shown = (b"authorization", f"Bearer {value}") if value.startswith(TOKEN) else (b"x-api-key", value)
        headers = [(name, shown.encode()), (b"user-agent", agent), *([(b"origin", origin)] if origin else [])]
        return (await self.authenticator.admit(peer, headers, access)).identity

    def times(self, value: str) -> int:
        """How often auth was asked for the value."""
        return self.ledger.asked.get(hashed(value), 0)

    def hear(self, name: str) -> None:
        """As if auth's event had come."""
        self.revocations.ended.add(name, int(time.time() * 1000))


async def no_keys() -> KeySet:
    raise CredentialsAway
