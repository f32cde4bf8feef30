"""Filling buckets: what is there already is left, what the backup has not is removed."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryDirectory

from minio.datatypes import Object

from admin.backup import checks
from admin.backup.buckets import Buckets
from admin.backup.entries import Entry
from admin.backup.stores import Store

AT_ONCE = 1000


class Filling:
    """Makes buckets equal to what was kept."""

    def __init__(self, buckets: Buckets, store: Store, jobs: int) -> None:
        self._buckets, self._store, self._jobs = buckets, store, jobs

    def fill(self, entries: Iterable[Entry], renamed: Mapping[str, str]) -> tuple[int, int]:
        """Answers how many objects were written and how many removed. An object appears whole or not at all."""
        with present(self._buckets, renamed.values()) as there:
            written = 0
            with ThreadPoolExecutor(self._jobs, thread_name_prefix="objects") as threads:
                missing = (one for one in entries if not there.has(renamed[one.bucket], one))
                while some := list(islice(missing, AT_ONCE)):
                    written += len(list(threads.map(lambda one: self._write(renamed[one.bucket], one), some)))
            removed = sum(self._buckets.remove(name, there.beyond(name)) for name in renamed.values())
        return written, removed

    def _write(self, bucket: str, one: Entry) -> None:
        self._buckets.write(bucket, one.key, one.size, one.type, checks.read(self._store, one.kept))


class There:
    """What lies in the buckets, and which of it belongs there."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute(
            "CREATE TABLE object (bucket TEXT, key TEXT, size INT, etag TEXT, belongs INT, PRIMARY KEY (bucket, key))"
        )

    def note(self, bucket: str, found: Iterable[tuple[str, int, str]]) -> None:
        rows = ((bucket, key, size, etag) for key, size, etag in found)
        self._database.executemany("INSERT OR REPLACE INTO object VALUES (?,?,?,?,0)", rows)

    def has(self, bucket: str, one: Entry) -> bool:
        """Whether this version of the object is there; it belongs there now either way."""
        self._database.execute("UPDATE object SET belongs = 1 WHERE bucket = ? AND key = ?", [bucket, one.key])
        query = "SELECT 1 FROM object WHERE bucket = ? AND key = ? AND size = ? AND etag = ?"
        return self._database.execute(query, [bucket, one.key, one.size, one.etag]).fetchone() is not None

    def beyond(self, bucket: str) -> Iterator[str]:
        query = "SELECT key FROM object WHERE bucket = ? AND belongs = 0"
        return (key for (key,) in self._database.execute(query, [bucket]))


@contextmanager
def present(buckets: Buckets, names: Iterable[str]) -> Iterator[There]:
    """On disk: there may be millions."""
    with TemporaryDirectory(prefix="restore-") as folder:
        database = sqlite3.connect(f"{folder}/there.sqlite")
        try:
            there = There(database)
            for name in names:
                there.note(name, (described(one) for one in buckets.listed(name)))
            yield there
        finally:
            database.close()


def described(found: Object) -> tuple[str, int, str]:
    return found.object_name or "", found.size or 0, (found.etag or "").strip('"')
