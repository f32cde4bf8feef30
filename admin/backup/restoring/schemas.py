"""Restoring schemas: each in one transaction, so that one is there whole or not at all."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from admin.backup import checks, server
from admin.backup.errors import BackupBroken
from admin.backup.manifest import Schema
from admin.backup.programs import Programs
from admin.backup.server import Connection, connect
from admin.backup.stores import Store

SKIP = """
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, coalesce(last_value, start_value) + %(gap)s)
FROM pg_sequences
WHERE schemaname = %(schema)s AND increment_by = 1 AND coalesce(last_value, start_value) < max_value - %(gap)s
"""


class Schemas:
    """Restores into one database."""

    def __init__(self, dsn: str, programs: Programs, store: Store, jobs: int) -> None:
        self._dsn, self._programs, self._store, self._jobs = dsn, programs, store, jobs

    def restore(self, wanted: Sequence[Schema], done: Callable[[Schema], None], *options: str) -> None:
        """Restore each into a place where it is not yet; those that extensions lie in come first."""
        homes = {home for one in wanted for home in one.extensions.values()}
        for some in ([one for one in wanted if one.name in homes], [one for one in wanted if one.name not in homes]):
            with ThreadPoolExecutor(self._jobs, thread_name_prefix="restore") as threads:
                for one, _ in zip(some, threads.map(lambda it: self._one(it, options), some), strict=True):
                    done(one)

    def _one(self, schema: Schema, options: Sequence[str]) -> None:
        arguments = ["--single-transaction", "--exit-on-error", "--no-password", *options]
        self._programs.write_to("pg_restore", self._dsn, checks.read(self._store, schema), *arguments)
        with connect(self._dsn) as target:
            compare(target, schema)


def compare(target: Connection, schema: Schema) -> None:
    """Raise BackupBroken where a table has not as many rows as were counted."""
    found = server.counts(target, schema.name)
    for table in sorted(found.keys() | schema.rows.keys()):
        have, counted = found.get(table, "no"), schema.rows.get(table, "none")
        if have != counted:
            raise BackupBroken(f"{schema.name}.{table} has {have} rows; {counted} were counted.")


def skip_ids(target: Connection, name: str, gap: int) -> None:
    """Have sequences go on beyond what was given out after the snapshot.

    Somebody who came after it may still have a token, an address or an object of that number; nobody else gets it.
    """
    target.execute(SKIP, {"schema": name, "gap": gap})


def prepare(target: Connection, name: str) -> None:
    """Have the planner know what came."""
    for table in server.tables(target, name):
        target.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name, table)))
