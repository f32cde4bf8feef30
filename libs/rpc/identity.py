"""The caller's identity, signed by the gateway (Ed25519) and checked by every service.

Signing costs 50 µs and checking 126, so both ends keep what they did: the gateway signs once per credential and
30 s, a service checks each distinct byte string once. The request's id stays outside, it grants nothing.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from google.protobuf.message import DecodeError
from orrery.identity.v1.identity_pb2 import Identity

from libs.errors import Unauthenticated

METADATA = "orrery-identity-bin"
LIFETIME_SECONDS = 60
SIGNATURE_BYTES = 64
REMEMBERED = 4096


class UntrustedIdentity(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The call carries no identity that this service believes.")


class Signer:
    """Signs identities with the gateway's private key (PEM file)."""

    def __init__(self, key: Path) -> None:
        self._key = private_key(key)

    def sign(self, identity: Identity) -> bytes:
        """The metadata value: the signature, then the identity with its expiry 60 s from now."""
        identity.expires_at = int(time.time()) + LIFETIME_SECONDS
        payload = identity.SerializeToString(deterministic=True)
        return self._key.sign(payload) + payload

    def derived(self, purpose: str) -> bytes:
        """A 32-byte secret for one purpose, the same in every gateway that has this key (HKDF-SHA256)."""
        return HKDF(SHA256(), 32, None, purpose.encode()).derive(self._key.private_bytes_raw())


class Verifier:
    """Believes identities signed by any of the given public keys (PEM files)."""

    def __init__(self, keys: Iterable[Path]) -> None:
        self._keys = [public_key(path) for path in keys]
        self._seen: dict[bytes, Identity] = {}

    def verify(self, value: bytes) -> Identity:
        """The identity inside; raises UntrustedIdentity when it is forged, broken or past its minute."""
        identity = self._seen.get(value) or self._check(value)
        if identity.expires_at < time.time():
            self._seen.pop(value, None)
            raise UntrustedIdentity
        return identity

    def _check(self, value: bytes) -> Identity:
        signature, payload = value[:SIGNATURE_BYTES], value[SIGNATURE_BYTES:]
        if not any(signed_by(key, signature, payload) for key in self._keys):
            raise UntrustedIdentity
        try:
            identity = Identity.FromString(payload)
        except DecodeError:
            raise UntrustedIdentity from None
        if len(self._seen) >= REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[value] = identity
        return identity


def private_key(path: Path) -> Ed25519PrivateKey:
    """The key in a PEM file; raises ValueError where it holds none of this kind."""
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        loaded = load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(loaded, Ed25519PrivateKey):
            return loaded
    raise ValueError(f"{path} holds no Ed25519 private key (PEM).")


def public_key(path: Path) -> Ed25519PublicKey:
    """The key in a PEM file; raises ValueError where it holds none of this kind."""
    with suppress(ValueError, UnsupportedAlgorithm):
        loaded = load_pem_public_key(path.read_bytes())
        if isinstance(loaded, Ed25519PublicKey):
            return loaded
    raise ValueError(f"{path} holds no Ed25519 public key (PEM).")


def signed_by(key: Ed25519PublicKey, signature: bytes, payload: bytes) -> bool:
    try:
        key.verify(signature, payload)
    except InvalidSignature:
        return False
    return True
