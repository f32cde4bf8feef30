"""How far a restore is, in a schema of its own that goes when it is done."""

from collections.abc import Sequence

from psycopg import sql

from admin.backup.dumps import quoted
from admin.backup.server import RESTORING, Connection

TABLE = f"{RESTORING}.progress"


class Progress:
    """Of the restore of one backup."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    def begin(self, backup: str, dropped: Sequence[str]) -> None:
        """Drop these schemas and note that the restore has begun: both, or neither."""
        with self._server.transaction():
            for name in dropped:
                drop(self._server, name)
            self._server.execute(f"DROP SCHEMA IF EXISTS {RESTORING} CASCADE")
            self._server.execute(f"CREATE SCHEMA {RESTORING}")
            self._server.execute(f"CREATE TABLE {TABLE} (backup text NOT NULL, part text PRIMARY KEY)")
            self.note(backup, "begun")

    def note(self, backup: str, part: str) -> None:
        self._server.execute(f"INSERT INTO {TABLE} VALUES (%s, %s) ON CONFLICT DO NOTHING", [backup, part])  # noqa: S608  # a constant

    def done(self) -> set[str]:
        return {part for (part,) in self._server.execute(f"SELECT part FROM {TABLE}")}  # noqa: S608  # a constant

    def end(self) -> None:
        self._server.execute(f"DROP SCHEMA {RESTORING} CASCADE")


def unfinished(server: Connection) -> str:
    """The backup whose restore has begun and not ended; empty where there is none."""
    if server.execute("SELECT to_regclass(%s)", [TABLE]).fetchall()[0][0] is None:
        return ""
    rows = server.execute(f"SELECT backup FROM {TABLE} WHERE part = 'begun'").fetchall()  # noqa: S608  # a constant
    return str(rows[0][0]) if rows else ""


def drop(server: Connection, name: str) -> None:
    server.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


def of_schema(name: str) -> str:
    """How a schema that is done is noted."""
    return f"schema {quoted(name)}"
