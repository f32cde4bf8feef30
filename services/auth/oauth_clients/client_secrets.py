"""Client secrets: 256 random bits, shown once."""

import hashlib
import hmac
import secrets


def make() -> str:
    """A new secret: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """What is stored of it; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_right(secret: str, stored: bytes) -> bool:
    return hmac.compare_digest(hashed(secret), stored)
