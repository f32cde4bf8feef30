"""Refresh tokens as values: 256 random bits, known to their client alone."""

import hashlib
import secrets

from services.auth.sealing import derived, seal, unseal

PURPOSE = "orrery refresh token: its successor"


def make() -> str:
    """A new token: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is stored of it; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def sealed(successor: str, token: str) -> bytes:
    """The successor, readable for whoever holds the token that it replaces."""
    return seal(derived(token.encode(), PURPOSE), successor.encode(), PURPOSE)


def unsealed(text: bytes, token: str) -> str:
    """The successor again."""
    return unseal(derived(token.encode(), PURPOSE), text, PURPOSE).decode()
