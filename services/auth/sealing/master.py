"""A master key as a value."""

import base64
import binascii
from pathlib import Path

from services.auth.sealing.cipher import KEY_BYTES, derived, seal, unseal


class MasterKeyUnusable(ValueError):
    """Where the master key should be are no 32 bytes in base64, or this process may not have them."""


class MasterKey:
    """The key above all keys of the database; it never lies in the database itself."""

    def __init__(self, secret: bytes) -> None:
        self._key = derived(secret, "orrery master key: sealing")
        self.id = derived(secret, "orrery master key: id")[:8].hex()  # shown beside what it sealed

    @classmethod
    def read(cls, path: Path) -> "MasterKey":
        """The key in a file of base64; raises MasterKeyUnusable, which never shows what the file holds."""
        try:
            return cls.decode(path.read_bytes(), str(path))
        except OSError:
            raise MasterKeyUnusable(f"{path} cannot be read as base64") from None

    @classmethod
    def decode(cls, text: bytes, source: str) -> "MasterKey":
        """The key from base64; raises MasterKeyUnusable, which names the source alone."""
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except binascii.Error:
            raise MasterKeyUnusable(f"{source} cannot be read as base64") from None
        if len(secret) != KEY_BYTES:
            raise MasterKeyUnusable(f"{source} must hold {KEY_BYTES} bytes in base64")
        return cls(secret)

    def seal(self, text: bytes, purpose: str) -> bytes:
        """The text encrypted; it opens for the same purpose alone."""
        return seal(self._key, text, purpose)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The text again; raises SealBroken."""
        return unseal(self._key, sealed, purpose)
