"""Backup codes: 80 random bits each, so that nobody guesses one and no wrong one need be counted (NIST SP 800-63B).

What is stored is an HMAC under a key made of the account's TOTP secret, which is sealed: the table alone verifies
nothing, and a new secret outdates all codes.
"""

import hashlib
import hmac
import re
import secrets

from services.auth.sealing import derived

COUNT = 10
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648: no 0, 1, 8 to be taken for o, l, b
GROUPS, GROUP = 4, 4
FORM = re.compile(r"[A-Za-z2-7]{4}(-?[A-Za-z2-7]{4}){3}", re.ASCII)
PURPOSE = "orrery backup codes"


def make() -> list[str]:
    """Ten new codes, as people read them."""
    return ["-".join(group() for _ in range(GROUPS)) for _ in range(COUNT)]


def group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(GROUP))


def hashed(code: str, secret: str) -> str:
    """What is stored of a code; the same for either case, with and without hyphens."""
    key, plain = derived(secret.encode(), PURPOSE), code.replace("-", "").lower()
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
