"""What the store has already, on disk: there may be millions of objects."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from tempfile import TemporaryDirectory

from admin.backup import entries, manifest
from admin.backup.entries import Entry
from admin.backup.errors import BackupBroken
from admin.backup.names import POOL
from admin.backup.stores import File, Store

TABLES = """
CREATE TABLE entry (bucket TEXT, key TEXT, size INT, etag TEXT, type TEXT, sha256 TEXT, file TEXT PRIMARY KEY);
CREATE TABLE pool (file TEXT PRIMARY KEY, size INT);
"""
USABLE = "SELECT entry.* FROM entry JOIN pool USING (file) WHERE file = ? AND pool.size = entry.size"


class Known:
    """Objects by the file of the pool that they lie in. One thread uses it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(TABLES)

    def note(self, found: Iterable[Entry]) -> None:
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO entry VALUES (?,?,?,?,?,?,?)", map(astuple, found))

    def note_pool(self, files: Iterable[File]) -> None:
        with self._database:
            rows = ((file.name, file.size) for file in files)
            self._database.executemany("INSERT OR REPLACE INTO pool VALUES (?,?)", rows)

    def find(self, file: str) -> Entry | None:
        """The object in this file of the pool, where the file is there in its full size."""
        row = self._database.execute(USABLE, [file]).fetchone()
        return Entry(*row) if row else None

    def unreferenced(self) -> Iterator[str]:
        """Files of the pool that no noted object lies in."""
        query = "SELECT file FROM pool WHERE file NOT IN (SELECT file FROM entry)"
        return (file for (file,) in self._database.execute(query))


@contextmanager
def known() -> Iterator[Known]:
    """Nothing known yet."""
    with TemporaryDirectory(prefix="backup-") as folder:
        database = sqlite3.connect(f"{folder}/known.sqlite")
        database.execute("PRAGMA journal_mode = off")
        database.execute("PRAGMA synchronous = off")
        try:
            yield Known(database)
        finally:
            database.close()


def learn(store: Store, into: Known) -> None:
    """Note what the newest backup and killed runs have copied, and what lies in the pool."""
    complete, unfinished = manifest.ids(store)
    for one in unfinished:
        with suppress(BackupBroken):  # what cannot be read is copied again
            into.note(entries.read_unfinished(store, one))
    if complete:
        with suppress(BackupBroken):
            into.note(entries.read(store, manifest.read(store, complete[-1]).objects))
    into.note_pool(store.files(POOL))
