"""Auth in process, wired as its composition root does: real gRPC, a migrated PostgreSQL, cheap hashes."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import jwt
from argon2 import PasswordHasher
from google.protobuf.message import Message
from orrery.auth.v1 import accounts_pb2, sessions_pb2
from orrery.auth.v1.accounts_pb2 import Account, SignedIn, TenantUser
from orrery.auth.v1.sessions_pb2 import KeySet, RefreshedTokens
from orrery.identity.v1.identity_pb2 import Credential, Identity
from pydantic import SecretStr
from sqlalchemy import select, text

from libs.blobs import Blobs
from libs.database import SYSTEM, Database
from libs.outbox import OutboxRow
from libs.rpc import Call, Client, Passage, Server, Signer
from libs.rpc.handlers import descriptor_of
from libs.rpc.packed import unpack
from libs.settings import BlobSettings, DatabaseSettings, RpcSettings, TlsSettings
from services.auth.accounts.passwords import Hasher, Passwords
from services.auth.composition import Auth, Choices, Parts
from services.auth.keys.keyring import Clock, Keyring, utc_now
from services.auth.passkeys.party import RelyingParty
from services.auth.platforms.http import PlatformHttp
from services.auth.platforms.settings import PlatformSettings
from services.auth.sealing import LocalMaster, MasterKey, Ring
from services.auth.sessions.repository import Lifetimes
from services.auth.sso.fetch import Fetch
from services.auth.sso.provider import SsoSettings
from services.auth.sso.trust import Trust
from tests.libs.keys import key_files

ISSUER, AUDIENCE = "https://orrery.test", "orrery"
PASSWORD = "Correct-horse7"
MASTER = bytes(range(32))
NO_STORE = BlobSettings(  # signs links; nothing is asked of it
    endpoint="http://127.0.0.1:1",
    public_endpoint="https://files.orrery.test",
    access_key="auth",
    secret_key=SecretStr("secret"),
    bucket="orrery-auth",
)
M = TypeVar("M", bound=Message)


class CountingHasher:
    """argon2id with parameters that cost a millisecond; counts what is asked of it."""

    def __init__(self, time_cost: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=64, parallelism=1)
        self.hashed = self.verified = 0

    def hash(self, password: bytes) -> str:
        self.hashed += 1
        return self._hasher.hash(password)

    def verify(self, hash: str, password: bytes) -> bool:  # noqa: A002  # argon2's own name
        self.verified += 1
        return self._hasher.verify(hash, password)

    def check_needs_rehash(self, hash: str) -> bool:  # noqa: A002  # argon2's own name
        return self._hasher.check_needs_rehash(hash)


@dataclass(frozen=True)
class Visitor:
    """Where a call comes from, and the access token that it carries."""

    address: str = "198.51.100.7"
    user_agent: str = "Tests/1.0"
    token: str = ""
    is_secure: bool = False

    def identity(self) -> Identity:
        """What the gateway would sign."""
        made = Identity(address=self.address, user_agent=self.user_agent, is_secure=self.is_secure)
        if self.token:
            said = claims(self.token)
            made.MergeFrom(
                Identity(
                    subject=said["sub"],
                    user_id=said["uid"],
                    organization_id=said["org"],
                    roles=said["roles"],
                    scopes=said["scope"].split(),
                    session_id=said["sid"],
                    credential=Credential.CREDENTIAL_SESSION,
                    is_admin=said["adm"],
                    grants=unpack(said.get("grt", [])),
                )
            )
        return made


VISITOR = Visitor()


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return said


def name() -> str:
    """A username that nobody has."""
    return f"ada_{uuid.uuid4().hex[:20]}"


@dataclass
class House:
    """A running auth service and one connection to it."""

    database: Database
    sealer: Ring
    keyring: Keyring
    signer: Signer
    calls: dict[str, Call]
    hasher: Hasher = field(default_factory=CountingHasher)
    port: int = 0
    identity_key: Path = Path()  # the private one
    trusted: Trust | None = None  # the issuers that people sign in through

    async def call(self, method: str, request: Message, answer: type[M], visitor: Visitor = VISITOR) -> M:
        """The answer of an RPC; raises its refusal."""
        found = await self.calls[method](request, Passage(self.signer.sign(visitor.identity())))
        assert isinstance(found, answer)
        return found

    async def register(self, username: str = "", email: str = "", password: str = PASSWORD, **more: Any) -> SignedIn:
        username = username or name()
        visitor: Visitor = more.pop("visitor", VISITOR)
        request = accounts_pb2.RegisterRequest(
            username=username, email=email or f"{username}@example.com", password=password, **more
        )
        return await self.call("Register", request, SignedIn, visitor)

    async def register_tenant(self, username: str = "", password: str = PASSWORD, **more: Any) -> TenantUser:
        username = username or name()
        email = more.pop("email", f"{username}@example.com")
        request = accounts_pb2.RegisterTenantUserRequest(username=username, email=email, password=password, **more)
        return await self.call("RegisterTenantUser", request, TenantUser)

    async def login(self, visitor: Visitor = VISITOR, password: str = PASSWORD, **who: str) -> SignedIn:
        """`username=` or `email=`."""
        return await self.call("Login", sessions_pb2.LoginRequest(password=password, **who), SignedIn, visitor)

    async def refresh(self, token: str, visitor: Visitor = VISITOR) -> RefreshedTokens:
        request = sessions_pb2.RefreshRequest(refresh_token=token)
        return await self.call("Refresh", request, RefreshedTokens, visitor)

    async def logout(self, token: str = "", visitor: Visitor = VISITOR) -> bool:
        request = sessions_pb2.LogoutRequest(**({"refresh_token": token} if token else {}))
        return (await self.call("Logout", request, sessions_pb2.LogoutResponse, visitor)).success

    async def me(self, token: str) -> Account:
        return await self.call("GetMe", accounts_pb2.GetMeRequest(), Account, Visitor(token=token))

    async def keys(self) -> KeySet:
        return await self.call("ListKeys", sessions_pb2.ListKeysRequest(), KeySet)

    async def events(self, user_id: int, kind: type[M]) -> list[M]:
        """What was told of this kind about an account, oldest first: no relay runs, so all still lies in the outbox."""
        rows = [row for row in await self.staged(kind) if row.key == str(user_id)]
        return [kind.FromString(row.payload) for row in rows]

    async def staged(self, kind: type[Message]) -> list[OutboxRow]:
        """The events of a kind as they were staged."""
        query = select(OutboxRow).where(OutboxRow.type == kind.DESCRIPTOR.full_name).order_by(OutboxRow.position)
        async with self.database.transaction(SYSTEM) as session:
            return list(await session.scalars(query))

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a statement, run as the service itself."""
        async with self.database.transaction(SYSTEM) as session:
            answer = await session.execute(text(statement), values)
            return list(answer.all()) if answer.returns_rows else []  # type: ignore[attr-defined]  # of CursorResult


@asynccontextmanager
async def open_house(
    settings: DatabaseSettings,
    folder: Path,
    *,
    hasher: Hasher | None = None,
    workers: int = 0,
    queue_per_worker: int = 100,
    clock: Clock = utc_now,
    **choices: Any,
) -> AsyncIterator[House]:
    """Auth over this database, from its first key to the block's end."""
    private, public = key_files(folder)
    hashing = hasher or CountingHasher()
    with Passwords(hashing, workers, queue_per_worker) as passwords:
        async with Database(settings) as database, Fetch(seconds=1.0) as fetch, PlatformHttp(seconds=3.0) as http:
            sealer = Ring(database, [LocalMaster(MasterKey(MASTER))])
            await sealer.refresh()
            parts = Parts(database, Blobs(NO_STORE), passwords, sealer, fetch, http)
            made = Auth(parts, chosen(choices), clock)
            await made.keyring.refresh()
            server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)), *made.servicers())
            await server.start()
            client = Client("auth", f"127.0.0.1:{server.port}", TlsSettings())
            calls = bound(client, made.servicers())
            signer = Signer(private)
            yield House(database, sealer, made.keyring, signer, calls, hashing, server.port, private, made.trust)
            await client.close()
            await server.stop(1.0)


def chosen(changed: dict[str, Any]) -> Choices:
    """What the house is made with, but for what a test wants otherwise."""
    usual: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "party": RelyingParty.of(ISSUER),
        "sso": SsoSettings(providers=()),
        "platforms": PlatformSettings(),
        "lifetimes": Lifetimes(),
        "grace": timedelta(days=7),
        "has_mailbox": True,
    }
    return Choices(**(usual | {name: value for name, value in changed.items() if value is not None}))


def bound(client: Client, servicers: Iterable[object]) -> dict[str, Call]:
    """Every RPC of these by its name."""
    methods = [method for one in servicers for method in descriptor_of(one).methods]
    return {method.name: client.bind(method, timeout=60.0) for method in methods}
