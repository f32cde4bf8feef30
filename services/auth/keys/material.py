"""RSA keys as values: made, encrypted, opened."""

import hashlib
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from services.auth.sealing import SealBroken, Sealer

BITS = 2048
EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class Material:
    """A key pair as it is stored: the private half encrypted, the public one as a JWK (RFC 7517)."""

    kid: str
    sealed: bytes
    sealed_by: str
    jwk: dict[str, str]


def generate(sealer: Sealer) -> Material:
    """A new key; takes up to half a second of a core. Raises SealingNotReady."""
    private = rsa.generate_private_key(EXPONENT, BITS)
    jwk = public_jwk(private.public_key())
    text = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Material(jwk["kid"], sealer.seal(text, purpose(jwk["kid"])), sealer.id, jwk)


def opened(sealed: bytes, kid: str, sealer: Sealer) -> rsa.RSAPrivateKey:
    """The private key; raises SealBroken and SealingNotReady."""
    private = serialization.load_der_private_key(sealer.unseal(sealed, purpose(kid)), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise SealBroken("a sealed key is no RSA key")
    return private


def public_jwk(public: rsa.RSAPublicKey) -> dict[str, str]:
    """kty, n, e, use, alg, kid."""
    numbers = RSAAlgorithm.to_jwk(public, as_dict=True)
    members = {"e": str(numbers["e"]), "kty": "RSA", "n": str(numbers["n"])}
    return {**members, "use": "sig", "alg": "RS256", "kid": thumbprint(members)}


def thumbprint(members: dict[str, str]) -> str:
    """RFC 7638: SHA-256 over the required members in lexical order."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64url_encode(hashlib.sha256(text.encode()).digest()).decode()


def purpose(kid: str) -> str:
    """Binds an encrypted key to its id: a row's key cannot be exchanged for another's."""
    return f"signing key {kid}"
