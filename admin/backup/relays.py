"""Having the relays of all schemas stand still at once, without one that is slow holding the others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from admin.backup.errors import BackupImpossible
from admin.backup.server import Connection
from libs.database.locks import Lock

HOLDER = """
SELECT a.usename::text || ', session ' || a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = %s::oid AND l.objid::int8 = hashtext(%s)::int8 & 4294967295
"""


@dataclass(frozen=True)
class Limits:
    """How long what may last."""

    first: timedelta = timedelta(seconds=60)
    """Waiting for the one that was in the way; nobody else's events wait for it."""
    others: timedelta = timedelta(seconds=5)
    """For all others together, which is how long the first of them are held in vain."""
    held: timedelta = timedelta(seconds=60)
    """All of them, from when the last one stands still."""
    tries: int = 5


LIMITS = Limits()


class Relays:
    """Of one database, on a connection of its own: the locks go with it."""

    def __init__(self, server: Connection, limits: Limits) -> None:
        self._server, self._limits = server, limits

    def stop(self, names: Sequence[str]) -> None:
        """Hold all of them or, raising BackupImpossible, none."""
        order = list(names)
        for _ in range(self._limits.tries):
            if not (busy := self._try(order)):
                self._server.execute(f"SET idle_session_timeout = {milliseconds(self._limits.held)}")
                return
            told = self._holder(busy)
            order = [busy, *(name for name in order if name != busy)]
        raise BackupImpossible(
            f"The relay of {busy} does not stand still{told}; the last of {self._limits.tries} tries ended there."
        )

    def _try(self, order: Sequence[str]) -> str:
        """One try; whose relay was in the way, empty where nobody's was. Then nothing is held any more."""
        limit = time.monotonic() + self._limits.first.total_seconds()
        for number, name in enumerate(order):
            if not self._lock(name, limit - time.monotonic()):
                self._server.execute("SELECT pg_advisory_unlock_all()")
                return name
            if number == 0:
                limit = time.monotonic() + self._limits.others.total_seconds()
        return ""

    def _lock(self, name: str, seconds: float) -> bool:
        """Wait so long; a relay asks for its lock without waiting, so that whoever waits is next."""
        self._server.execute(f"SET lock_timeout = {max(1, int(seconds * 1000))}")
        try:
            self._server.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [Lock.RELAY, name])
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def _holder(self, name: str) -> str:
        """Who has its lock, for people; empty where it is free by now."""
        rows = self._server.execute(HOLDER, [Lock.RELAY, name]).fetchall()
        return f" ({rows[0][0]})" if rows else ""


def milliseconds(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
