"""Secrets at rest: AES-256-GCM, bound to what they are for."""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(ValueError):
    """The text was sealed under another key, for another purpose, or was changed since."""


class MasterKeyUnusable(ValueError):
    """The master key's file holds no 32 bytes in base64."""


class MasterKey:
    """The key that encrypts private keys; it lives in a file, never in the database."""

    def __init__(self, secret: bytes) -> None:
        self._key = derived(secret, "orrery master key: sealing")
        self.id = derived(secret, "orrery master key: id")[:8].hex()  # shown beside what it sealed

    @classmethod
    def read(cls, path: Path) -> "MasterKey":
        """The key in a file of base64; raises MasterKeyUnusable, which never shows what the file holds."""
        try:
            secret = base64.b64decode(path.read_bytes().strip(), validate=True)
        except (OSError, binascii.Error):
            raise MasterKeyUnusable(f"{path} cannot be read as base64") from None
        if len(secret) != KEY_BYTES:
            raise MasterKeyUnusable(f"{path} must hold {KEY_BYTES} bytes in base64")
        return cls(secret)

    def seal(self, text: bytes, purpose: str) -> bytes:
        """The text encrypted; it opens for the same purpose alone."""
        return seal(self._key, text, purpose)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The text again; raises SealBroken."""
        return unseal(self._key, sealed, purpose)


def derived(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key made of a secret for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), KEY_BYTES, None, purpose.encode()).derive(secret)


def seal(key: bytes, text: bytes, purpose: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, purpose.encode())


def unseal(key: bytes, sealed: bytes, purpose: str) -> bytes:
    """Raises SealBroken."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except InvalidTag:
        raise SealBroken("a sealed secret does not open with this key") from None
