"""The kinds of values, and how each is made.

password            43 letters, digits, - and _
ed25519             a private key (PKCS #8, PEM)
ed25519-public:S/K  the public key (PEM) of the private key at key K of secret S
random32            32 random bytes in base64
text:…              the text itself
"""

import base64
import re
import secrets
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

TEXT, PUBLIC = "text:", "ed25519-public:"
SOURCE = re.compile(re.escape(PUBLIC) + r"([-a-z0-9.]+)/([-._a-zA-Z0-9]+)")


def password() -> bytes:
    return secrets.token_urlsafe(32).encode()


def ed25519() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def random32() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


MAKERS: dict[str, Callable[[], bytes]] = {"password": password, "ed25519": ed25519, "random32": random32}


def check_kind(kind: str) -> str:
    """The kind as it is; raises ValueError where there is none such."""
    if kind not in MAKERS and not kind.startswith(TEXT) and not SOURCE.fullmatch(kind):
        known = [*MAKERS, f"{PUBLIC}<secret>/<key>", f"{TEXT}<literal>"]
        raise ValueError(f"{kind.partition(':')[0]!r} is no kind of secret; there are {', '.join(known)}")
    return kind


def make(kind: str) -> bytes:
    """A value of a kind that stands on nothing else."""
    return kind.removeprefix(TEXT).encode() if kind.startswith(TEXT) else MAKERS[kind]()


def source(kind: str) -> tuple[str, str] | None:
    """The secret and the key that a derived kind is made from; None for the others."""
    found = SOURCE.fullmatch(kind)
    return (found[1], found[2]) if found else None


def public_of(private: bytes) -> bytes:
    """The public key (PEM) of an Ed25519 private key (PEM); raises ValueError where it is none."""
    try:
        key = load_pem_private_key(private, password=None)
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError("it is encrypted or of an unknown kind") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("it is no Ed25519 key")  # noqa: TRY004  # about its contents, not a Python type
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
