"""Standing still: one backup at a time, no removals of objects, and no events sent while the snapshot is made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from admin.backup.errors import BackupImpossible
from admin.backup.relays import LIMITS, Limits, Relays
from admin.backup.server import Connection, connect
from libs.database.locks import Lock

PATIENCE = "10min"
"""For removals that have begun."""


class Hold:
    """Open on the server for as long as its connection."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    def stop_removals(self, longest: timedelta) -> None:
        """Wait for the removals that have begun and let none begin; after `longest` the server itself ends that.

        Raises BackupImpossible where removals do not end.
        """
        self._server.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            self._server.execute("SELECT pg_advisory_lock(%s)", [Lock.REMOVALS])
        except psycopg.errors.LockNotAvailable:
            raise BackupImpossible("A removal of objects has not ended for ten minutes.") from None
        self._server.execute(f"SET idle_session_timeout = {longest // timedelta(milliseconds=1)}")

    def check(self) -> None:
        """Raise BackupImpossible where it did not last."""
        try:
            self._server.execute("SELECT 1")
        except psycopg.OperationalError:
            raise BackupImpossible(
                "The hold on removals was lost: PostgreSQL restarted, or the backup took longer than LONGEST_HOURS."
            ) from None


@contextmanager
def alone(dsn: str) -> Iterator[Hold]:
    """No other backup, and nothing that removes some, runs while this is open; raises BackupImpossible."""
    with connect(dsn) as server:
        if not server.execute("SELECT pg_try_advisory_lock(%s)", [Lock.BACKUP]).fetchall()[0][0]:
            raise BackupImpossible("Another backup runs.")
        yield Hold(server)


@contextmanager
def relays_stopped(dsn: str, names: Sequence[str], limits: Limits = LIMITS) -> Iterator[None]:
    """No event leaves an outbox while this is open: what Kafka has and what a snapshot has then make one whole.

    Events wait for `limits.held` at most, then the server itself lets go. Raises BackupImpossible where relays do not
    pause, which names the one in the way, or did not until the end.
    """
    with connect(dsn) as server:
        Relays(server, limits).stop(names)
        yield
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            raise BackupImpossible(
                "The relays did not stand still: PostgreSQL restarted, or Kafka took more than a minute to answer."
            ) from None


@contextmanager
def snapshot(dsn: str) -> Iterator[tuple[str, Connection]]:
    """One state of all schemas, by its name for others; it lasts while this is open."""
    with connect(dsn) as server:
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield server.execute("SELECT pg_export_snapshot()").fetchall()[0][0], server
        server.execute("COMMIT")


@contextmanager
def looking(dsn: str, name: str) -> Iterator[Connection]:
    """A connection that sees the state of that name."""
    with connect(dsn) as server:
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        server.execute("SET TRANSACTION SNAPSHOT " + psycopg.sql.quote(name))
        yield server
        server.execute("COMMIT")
