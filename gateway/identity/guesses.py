"""Whoever shows one value after another that nobody issued is guessing: auth is not asked for more of theirs a while.

A client with a wrong key shows the same value again and again; that one is remembered and counts once.
"""

import time

from gateway.identity.recent import Recent
from gateway.identity.refusals import TooManyGuesses
from gateway.limits.limiter import network

MOST, WITHIN_SECONDS = 50, 10.0
REMEMBERED = 10_000


class Guesses:
    """Wrong values by network address, within ten seconds."""

    def __init__(self) -> None:
        self._missed: Recent[str, tuple[float, int]] = Recent(REMEMBERED)  # since when, how many

    def ensure_few(self, address: str) -> None:
        """Raise TooManyGuesses for an address that has shown too many; call it before asking for a value."""
        since, count = self._of(address)
        if count >= MOST:
            raise TooManyGuesses(since + WITHIN_SECONDS - time.monotonic())

    def missed(self, address: str) -> None:
        """Count a value that is nobody's."""
        since, count = self._of(address)
        self._missed.keep(network(address), (since, count + 1))

    def _of(self, address: str) -> tuple[float, int]:
        now = time.monotonic()
        found = self._missed.get(network(address)) if address else None
        return found if found and now - found[0] < WITHIN_SECONDS else (now, 0)
