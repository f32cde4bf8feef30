"""An authenticator and the browser before it, in software: WebAuthn L3, and each way to get it wrong.

Written after the standard alone; only cryptography and CBOR come from libraries.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
PRESENT_AND_VERIFIED = UP | UV
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Json = dict[str, Any]


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def big_endian(number: int, length: int = 32) -> bytes:
    return number.to_bytes(length, "big")


@dataclass(frozen=True)
class Manner:
    """How an authenticator and its browser behave; all in order unless told otherwise."""

    origin: str = "https://orrery.test"
    rp_id: str = ""  # the options' own
    kind: str = ""  # the ceremony's own: webauthn.create or webauthn.get
    challenge: bytes = b""  # the options' own
    flags: int = PRESENT_AND_VERIFIED
    client: Json = field(default_factory=dict)  # more members of clientDataJSON
    handle: bytes | None = None  # the owner's own
    fmt: str = "none"
    statement: Json = field(default_factory=dict)
    tail: bytes = b""  # after the authenticator's data


ORDERLY = Manner()


@dataclass
class Authenticator:
    """Keeps one passkey."""

    private: Private = field(default_factory=elliptic)
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""
    rp_id: str = ""
    count: int = 0
    counts: bool = True
    cose: dict[int, Any] | None = None  # what it says instead of its public key

    def create(self, options: Json, manner: Manner = ORDERLY) -> Json:
        """navigator.credentials.create() and toJSON()."""
        self.user_handle, self.rp_id = decoded(options["user"]["id"]), options["rp"]["id"]
        client = client_data("webauthn.create", options, manner)
        key = cbor2.dumps(self.public())
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        said = self.said(replace(manner, flags=manner.flags | AT)) + attested + manner.tail
        statement = manner.statement or ({"alg": -7, "sig": self.sign(said, client)} if manner.fmt == "packed" else {})
        attestation = cbor2.dumps({"fmt": manner.fmt, "attStmt": statement, "authData": said})
        response = {"clientDataJSON": encoded(client), "attestationObject": encoded(attestation)}
        return self.document({**response, "transports": ["internal", "hybrid"]})

    def get(self, options: Json, manner: Manner = ORDERLY) -> Json:
        """navigator.credentials.get() and toJSON()."""
        client = client_data("webauthn.get", options, manner)
        self.count += self.counts
        said = self.said(manner) + manner.tail
        handle = self.user_handle if manner.handle is None else manner.handle
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(said),
            "signature": encoded(self.sign(said, client)),
        }
        return self.document({**response, "userHandle": encoded(handle)})

    def said(self, manner: Manner) -> bytes:
        rp_id = manner.rp_id or self.rp_id
        return hashlib.sha256(rp_id.encode()).digest() + bytes([manner.flags]) + self.count.to_bytes(4, "big")

    def document(self, response: Json) -> Json:
        name = encoded(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def sign(self, said: bytes, client: bytes) -> bytes:
        text = said + hashlib.sha256(client).digest()
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(text, ec.ECDSA(SHA256()))
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(text, PKCS1v15(), SHA256())
        return self.private.sign(text)

    def public(self) -> dict[int, Any]:
        """The COSE_Key (RFC 9053)."""
        if self.cose:
            return self.cose
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            point = self.private.public_key().public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: big_endian(point.x), -3: big_endian(point.y)}
        if isinstance(self.private, rsa.RSAPrivateKey):
            numbers = self.private.public_key().public_numbers()
            return {1: 3, 3: -257, -1: big_endian(numbers.n, 256), -2: big_endian(numbers.e, 3)}
        return {1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()}


def client_data(kind: str, options: Json, manner: Manner) -> bytes:
    challenge = encoded(manner.challenge) if manner.challenge else options["challenge"]
    said = {"type": manner.kind or kind, "challenge": challenge, "origin": manner.origin, "crossOrigin": False}
    return json.dumps({**said, **manner.client}).encode()
