"""Master keys as wrappers of data keys: one in this process, or one in a vault that it never leaves."""

from typing import Protocol

from services.auth.sealing.master import MasterKey


class Master(Protocol):
    """Wraps data keys. Raises MasterAway (try again) and MasterKeyUnusable (somebody must act)."""

    async def id(self) -> str:
        """Its name beside what it wrapped; at most 100 characters."""

    async def wrap(self, key: bytes, purpose: str) -> bytes:
        """The key encrypted; it opens for the same purpose alone."""

    async def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """The key again; raises SealBroken."""

    def direct(self) -> MasterKey | None:
        """The key itself where this process holds it: what was sealed before there were data keys opens with it."""


class MasterAway(ConnectionError):
    """The master key's keeper does not answer, or is sealed itself."""


class LocalMaster:
    """A master key in this process's memory."""

    def __init__(self, key: MasterKey) -> None:
        self._key = key

    async def id(self) -> str:
        return self._key.id

    async def wrap(self, key: bytes, purpose: str) -> bytes:
        return self._key.seal(key, purpose)

    async def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        return self._key.unseal(wrapped, purpose)

    def direct(self) -> MasterKey | None:
        return self._key
