"""What API tokens and API keys look like: a prefix, 43 characters of base62 (256 random bits), a checksum.

The checksum is CRC-32 (IEEE 802.3, as zlib has it) of all before it, as six digits of base62: a value that was typed
or cut wrong is known as such without asking anybody, and scanners for leaked secrets find few false ones.
"""

import hashlib
import re
import secrets
import string
import zlib

TOKEN, LIVE, TEST = "ot_", "pk_live_", "pk_test_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH, CHECKSUM = 43, 6
SHAPE = re.compile(rf"({TOKEN}|{LIVE}|{TEST})[0-9A-Za-z]{{{LENGTH + CHECKSUM}}}", re.ASCII)
SECRET = "ss_"  # noqa: S105  # the prefix of signing secrets, which no scanner should mistake for a key


def make(prefix: str) -> str:
    """A new value that nobody can guess."""
    body = prefix + "".join(secrets.choice(DIGITS) for _ in range(LENGTH))
    return body + checksum(body)


def has_shape(value: str) -> bool:
    """Whether it looks like a token or key at all."""
    return SHAPE.fullmatch(value) is not None


def is_mistyped(value: str) -> bool:
    """Whether a value of that shape has a checksum of another."""
    return checksum(value[:-CHECKSUM]) != value[-CHECKSUM:]


def hashed(value: str) -> bytes:
    """What is kept of a value, and asked by: it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(value.encode()).digest()


def checksum(body: str) -> str:
    left, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM):
        left, digit = divmod(left, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
