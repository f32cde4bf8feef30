"""Mailed tokens as values: 256 random bits, known to the reader of one mailbox."""

import hashlib
import secrets
from datetime import timedelta

from services.auth.recovery.models import Purpose

LIFETIMES = {
    Purpose.VERIFY_EMAIL: timedelta(hours=24),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
}
# The pages of the app that mails lead to. The token stands behind the #, so that no server's log shows it.
PAGES = {
    Purpose.VERIFY_EMAIL: "/account/verify-email#token=",
    Purpose.CHANGE_EMAIL: "/account/verify-email#token=",
    Purpose.RESET_PASSWORD: "/account/reset-password#token=",
}


def make() -> str:
    """A new token: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is stored of it; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(token.encode()).digest()
