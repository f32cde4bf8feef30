"""The caller's identity, signed by the gateway (Ed25519) and checked by every service.

Signing costs 50 µs and checking 126, so both ends keep what they did: the gateway signs once per credential and
30 s, a service checks each distinct byte string once. The request's id stays outside, it grants nothing.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError
from orrery.identity.v1.identity_pb2 import Identity

from libs.errors import Unauthenticated
from libs.rpc.keys import Keys, private_keys, public_keys

METADATA = "orrery-identity-bin"
LIFETIME_SECONDS = 60
SIGNATURE_BYTES = 64
REMEMBERED = 4096


class UntrustedIdentity(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The call carries no identity that this service believes.")


class Signer:
    """Signs identities with a private key (PEM file), which may be changed while the process runs.

    The first key in the file signs. Those after it sign nothing: they open what was sealed by them, before their turn
    and after it.
    """

    def __init__(self, key: Path) -> None:
        self._keys = Keys([key], private_keys)

    def sign(self, identity: Identity) -> bytes:
        """The metadata value: the signature, then the identity with its expiry 60 s from now."""
        identity.expires_at = int(time.time()) + LIFETIME_SECONDS
        payload = identity.SerializeToString(deterministic=True)
        return self._keys.latest()[0].sign(payload) + payload

    def derived(self, purpose: str) -> list[bytes]:
        """A 32-byte secret for one purpose of each key, the same in all gateways that have it (HKDF-SHA256).

        The first is for sealing, all are for opening.
        """
        made = purpose.encode()
        return [HKDF(SHA256(), 32, None, made).derive(key.private_bytes_raw()) for key in self._keys.latest()]


class Verifier:
    """Believes identities signed by any of the public keys (PEM files), which may be changed while the process runs."""

    def __init__(self, keys: Iterable[Path]) -> None:
        self._keys = Keys(list(keys), public_keys)
        self._believed = self._keys.latest()
        self._seen: dict[bytes, Identity] = {}

    def verify(self, value: bytes) -> Identity:
        """The identity inside; raises UntrustedIdentity when it is forged, broken or past its minute."""
        if (latest := self._keys.latest()) is not self._believed:
            self._believed = latest
            self._seen.clear()
        identity = self._seen.get(value) or self._check(value)
        if identity.expires_at < time.time():
            self._seen.pop(value, None)
            raise UntrustedIdentity
        return identity

    def _check(self, value: bytes) -> Identity:
        signature, payload = value[:SIGNATURE_BYTES], value[SIGNATURE_BYTES:]
        if not any(signed_by(key, signature, payload) for key in self._believed):
            raise UntrustedIdentity
        try:
            identity = Identity.FromString(payload)
        except DecodeError:
            raise UntrustedIdentity from None
        if len(self._seen) >= REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[value] = identity
        return identity


def signed_by(key: Ed25519PublicKey, signature: bytes, payload: bytes) -> bool:
    try:
        key.verify(signature, payload)
    except InvalidSignature:
        return False
    return True
