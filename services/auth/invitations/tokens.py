"""Tokens of invitations: 256 random bits, known to whoever was mailed them and to whoever invited."""

import hashlib
import secrets

PREFIX = "inv_"


def make() -> str:
    """A new token: 43 characters of base64url behind its prefix."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is stored of it; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
