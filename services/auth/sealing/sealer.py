"""What a feature needs to keep a secret."""

from typing import Protocol


class Sealer(Protocol):
    """Encrypts what must be read again. `purpose` is `<table>.<column>:<primary key>`: a row's value opens there alone.

    Ring is one; MasterKey, which sealed everything before there was a ring, is another.
    """

    @property
    def id(self) -> str:
        """The key that seals now; at most 32 characters."""

    def seal(self, text: bytes, purpose: str) -> bytes:
        """The text encrypted. Raises SealingNotReady."""

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The text again. Raises SealBroken, and SealingNotReady where its key is not known yet."""
