"""What a browser keeps while it is at the issuer, and what is made of it.

The PKCE verifier and the nonce are derived from the browser's secret, of which the database has the hash alone: whoever
reads the table, or the issuer's answer on its way, cannot finish the sign-in.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from services.auth.sealing import derived

VERIFIER, NONCE = "orrery sso: PKCE verifier", "orrery sso: nonce"


def make() -> str:
    """256 random bits: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """What is stored of it; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


def verifier(secret: str) -> str:
    """The sign-in's PKCE verifier."""
    return text(derived(secret.encode(), VERIFIER))


def nonce(secret: str) -> str:
    """The sign-in's nonce."""
    return text(derived(secret.encode(), NONCE))


def challenge(proof: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636 §4.2)."""
    return text(hashlib.sha256(proof.encode()).digest())


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
