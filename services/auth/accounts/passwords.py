"""Hashing passwords: argon2id, in a bounded pool beside the event loop.

A hash takes 46 MiB and some 50 ms of a core on purpose. A flood of sign-ins must neither swap the machine nor keep
everybody waiting: as many hashes run as there are cores, a short queue waits, and whoever comes then is refused.
"""

import asyncio
import os
import secrets
import unicodedata
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Protocol, Self, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Counter

from services.auth.accounts.errors import TooManyPasswords

T = TypeVar("T")
ARGON2ID = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)  # KiB; OWASP's first choice
QUEUE_PER_WORKER = 16  # about a second of waiting
SHARE = 2  # one network takes every second place at most
REFUSED = Counter("orrery_passwords_refused_total", "Sign-ins and registrations refused because the pool was full.")


class Hasher(Protocol):
    """argon2.PasswordHasher, as far as it is used."""

    def hash(self, password: bytes) -> str: ...
    def verify(self, hash: str, password: bytes) -> bool: ...  # noqa: A002  # argon2's own name
    def check_needs_rehash(self, hash: str) -> bool: ...  # noqa: A002  # argon2's own name


class Passwords:
    """Makes and checks password hashes; enter it once per process. Raises TooManyPasswords when the pool is full."""

    def __init__(self, hasher: Hasher = ARGON2ID, workers: int = 0, queue_per_worker: int = QUEUE_PER_WORKER) -> None:
        """`workers` 0: one for each core."""
        workers = workers or os.cpu_count() or 1
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(workers, "password")
        places = workers * (1 + queue_per_worker)
        self._places, self._share = BoundedSemaphore(places), max(1, places // SHARE)
        self._shares: Tally[str] = Tally()
        self._counting = Lock()
        self._nobodys = hasher.hash(secrets.token_bytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def hash(self, password: str, share: str = "") -> str:
        """A new hash, in PHC's notation; `share` names the network that asks for it, and is empty for none."""
        return await self._in_pool(partial(self._hasher.hash, encoded(password)), share)

    async def verify(self, password: str, stored: str | None, share: str = "") -> bool:
        """Whether the password is the stored one's. None is nobody's: False, after the same work."""
        return await self._in_pool(partial(self._matches, encoded(password), stored), share)

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, password: bytes, stored: str | None) -> bool:
        try:
            return self._hasher.verify(stored or self._nobodys, password) and stored is not None
        except InvalidHashError:  # of an account without a password: no faster than any other
            return self._matches(password, None)
        except VerificationError:
            return False

    async def _in_pool(self, work: Callable[[], T], share: str) -> T:
        self._enter(share)
        running = self._pool.submit(work)
        running.add_done_callback(partial(self._leave, share))  # when it ends, not when its caller stops waiting
        return await asyncio.wrap_future(running)

    def _enter(self, share: str) -> None:
        with self._counting:
            if self._shares[share] >= self._share or not self._places.acquire(blocking=False):
                REFUSED.inc()
                raise TooManyPasswords
            if share:
                self._shares[share] += 1

    def _leave(self, share: str, done: Future[T]) -> None:
        with self._counting:
            self._places.release()
            if share:
                self._shares -= Tally([share])  # drops what is at zero


def encoded(password: str) -> bytes:
    """One form of what people see as the same password, however their keyboard composes it (RFC 8265: NFC)."""
    return unicodedata.normalize("NFC", password).encode()
