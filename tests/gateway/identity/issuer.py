"""A small auth: real RSA keys, real gRPC, and tokens that can be bent."""

import json
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from grpc.aio import ServicerContext
from jwt.algorithms import RSAAlgorithm
from orrery.auth.v1 import sessions_pb2 as pb
from orrery.auth.v1 import sessions_pb2_grpc as rpc

from libs.rpc import Client, Server, Signer, caller
from libs.settings import RpcSettings, TlsSettings

ISSUER, AUDIENCE = "http://orrery.test", "orrery"
USER, ORGANIZATION = "6e24912b-b94f-4104-aefc-3b47423d606a", "a3cf4d2d-78c8-4635-b56d-6c32ec2cb9c6"


class Keyring(rpc.KeysServiceServicer):
    """Auth's keys; `asked` counts the calls."""

    def __init__(self) -> None:
        self.private: dict[str, RSAPrivateKey] = {}
        self.asked = 0
        self.askers: list[str] = []

    def add(self, kid: str) -> RSAPrivateKey:
        self.private[kid] = generate_private_key(65537, 2048)
        return self.private[kid]

    async def ListKeys(
        self, request: pb.ListKeysRequest, context: ServicerContext[pb.ListKeysRequest, pb.KeySet]
    ) -> pb.KeySet:
        self.asked += 1
        self.askers.append(caller().subject)
        return pb.KeySet(keys=[public(kid, key) for kid, key in self.private.items()])


def public(kid: str, key: RSAPrivateKey) -> pb.Key:
    made = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return pb.Key(kty="RSA", use="sig", alg="RS256", kid=kid, n=made["n"], e=made["e"])


class Auth:
    """An auth process of this test: started, stopped, started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.identity_key, self.identity_public = identity_keys(folder)
        self.keyring = Keyring()
        self.keyring.add("first")
        self.port = 0
        self._server: Server | None = None

    async def start(self) -> None:
        settings = RpcSettings(listen=f"127.0.0.1:{self.port}", identity_keys=str(self.identity_public))
        self._server = Server(settings, self.keyring)
        self.port = self._server.port
        await self._server.start()
        await self._server.set_ready(True)

    async def stop(self) -> None:
        if self._server:
            await self._server.stop(0)

    @property
    def signer(self) -> Signer:
        return Signer(self.identity_key)

    def client(self) -> Client:
        return Client("auth", f"127.0.0.1:{self.port}", TlsSettings())

    def token(self, kid: str = "first", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token, but for what is given; a claim of None is left out."""
        given = {name: value for name, value in (payload() | claims).items() if value is not None}
        headers = {"typ": "at+jwt", "kid": kid} | (header or {})
        return jwt.encode(given, self.keyring.private[kid], algorithm="RS256", headers=headers)

    def signed(self, header: str | bytes, claims: str | bytes, kid: str = "first") -> str:
        """A token of exactly these texts, signed well."""
        parts = [urlsafe_b64encode(part.encode() if isinstance(part, str) else part) for part in (header, claims)]
        signing = b".".join(part.rstrip(b"=") for part in parts)
        signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(signing, self.keyring.private[kid])
        return f"{signing.decode()}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def payload() -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": USER,
        "uid": 7,
        "org": ORGANIZATION,
        "roles": ["ADMIN"],
        "sid": str(uuid.uuid4()),
        "scope": "*",
        "adm": False,
        "iat": now,
        "exp": now + 1800,
        "jti": uuid.uuid4().hex,
    }


def good_header(**more: Any) -> str:
    return json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": "first"} | more)


def identity_keys(folder: Path) -> tuple[Path, Path]:
    """Files of the gateway's key: private, public."""
    key = Ed25519PrivateKey.generate()
    private, shown = folder / "identity.pem", folder / "identity.pub.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    shown.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, shown
