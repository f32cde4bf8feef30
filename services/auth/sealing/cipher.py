"""AES-256-GCM, bound to what a text is for."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(ValueError):
    """The text was sealed under another key, for another purpose, or was changed since."""


def derived(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key made of a secret for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), KEY_BYTES, None, purpose.encode()).derive(secret)


def seal(key: bytes, text: bytes, purpose: str, header: bytes = b"") -> bytes:
    """Header, nonce, text encrypted; neither the header nor the purpose can be exchanged later."""
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, text, header + purpose.encode())


def unseal(key: bytes, sealed: bytes, purpose: str, header: bytes = b"") -> bytes:
    """Raises SealBroken."""
    nonce, rest = sealed[len(header) :][:NONCE_BYTES], sealed[len(header) + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, header + purpose.encode())
    except (InvalidTag, ValueError):  # ValueError: cut so short that no nonce is left
        raise SealBroken("a sealed secret does not open with this key") from None
