"""A gateway over a real gRPC server, with plain stand-ins at the gateway's own seams."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Access
from starlette.types import ASGIApp

from gateway.app import Parts, Public, application
from gateway.health import Check, Health
from gateway.limits.rates import Rate
from libs.errors import Exhausted, Unauthenticated
from libs.rpc import Client, Server, Signer
from libs.rpc.access import check
from libs.settings import RpcSettings, TlsSettings
from tests.gateway.servicers import Seen, servicers

ORGANIZATION = "0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10"


class TokenExpired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The access token has expired.")


class TooMany(Exhausted):
    def __init__(self, allowance: "Left") -> None:
        super().__init__("Too many requests.", retry_after_seconds=7)
        self.allowance = allowance


@dataclass
class Left:
    """An allowance."""

    limit: int = 10
    remaining: int = 9
    reset: int = 30


@dataclass
class Counting:
    """A limiter that notes what it counts, and refuses once told to."""

    taken: list[tuple[str, Identity]] = field(default_factory=list)
    rates: list[Sequence[Rate]] = field(default_factory=list)
    is_empty: bool = False

    async def take(self, name: str, identity: Identity, rates: Sequence[Rate] = ()) -> Left:
        self.taken.append((name, identity))
        self.rates.append(rates)
        if self.is_empty:
            raise TooMany(Left(remaining=0))
        return Left()


@dataclass
class Rows:
    """An access log kept in memory."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def record(self, row: dict[str, Any]) -> None:
        self.rows.append(row)


@dataclass
class Admitted:
    """Who calls."""

    identity: Identity
    signed: bytes
    terms: None = None


class Names:
    """Believes any bearer: `Bearer kana` is kana with the scopes that follow; `Bearer expired` has expired."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def admit(
        self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access, *, verifies: bool = False
    ) -> Admitted:
        words = dict(headers).get(b"authorization", b"").decode("latin-1").split()[1:]
        if words[:1] == ["expired"]:
            raise TokenExpired
        identity = Identity(address=peer)
        if words:
            identity = Identity(
                subject="0190a8c4-0000-7000-8000-000000000001",
                user_id=7,
                organization_id=ORGANIZATION,
                scopes=words[1:] or ["*"],
                credential=Credential.CREDENTIAL_API_KEY if words[1:] else Credential.CREDENTIAL_SESSION,
                address=peer,
            )
        check(access, identity)
        return Admitted(identity, self._signer.sign(identity))


@dataclass(repr=False)
class Fleet:
    """The gateway and what can be seen of it."""

    app: ASGIApp
    parts: Parts
    seen: Seen
    limiter: Counting
    log: Rows
    http: httpx.AsyncClient


@asynccontextmanager
async def fleet(folder: Path, public: Public | None = None) -> AsyncIterator[Fleet]:
    """A gateway over services that listen on a free port."""
    private, trusted = key_files(folder)
    seen = Seen()
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(trusted)), *servicers(seen))
    await server.start()
    await server.set_ready(True)
    client = Client("services", f"127.0.0.1:{server.port}", TlsSettings())
    limiter, log = Counting(), Rows()
    checks = {"database": Check(client.is_ready, is_vital=True), "redis": Check(never)}
    parts = Parts(
        backends={"auth": client, "media": client, "audit": client},
        authenticator=Names(Signer(private)),
        limiter=limiter,
        recorder=log,
        address_of=lambda peer, forwarded: peer,
        health=Health(checks),
    )
    app = application(parts, public or Public(url="http://testserver"))
    transport = httpx.ASGITransport(app, client=("192.0.2.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        yield Fleet(app, parts, seen, limiter, log, http)
    await client.close()
    await server.stop(0)


async def never() -> bool:
    raise ConnectionRefusedError("10.0.0.7:6379 refused the password hunter2")


def key_files(folder: Path) -> tuple[Path, Path]:
    """A new identity key and its public half."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / "identity.pem", folder / "identity.pub.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public
