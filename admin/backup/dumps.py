"""Dumps of schemas, all in one snapshot."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from admin.backup import checks, server
from admin.backup.hold import looking
from admin.backup.manifest import Schema, path
from admin.backup.programs import Programs
from admin.backup.stores import Store


class Dumps:
    """Dumps of one backup; several run at once."""

    def __init__(self, dsn: str, programs: Programs, store: Store, jobs: int) -> None:
        self._dsn, self._programs, self._store, self._jobs = dsn, programs, store, jobs

    def take(self, backup: str, names: Sequence[str], snapshot: str) -> Iterator[Schema]:
        """Each schema's dump, and what is in it, as the snapshot has it."""
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="dump") as threads:
            yield from threads.map(lambda name: self._one(backup, name, snapshot), names)

    def _one(self, backup: str, name: str, snapshot: str) -> Schema:
        with looking(self._dsn, snapshot) as seen:
            rows, used = server.counts(seen, name), server.extensions(seen, name)
            revision = server.revision(seen, name)
        chunks = self._programs.read_from("pg_dump", self._dsn, *arguments(name, snapshot, used))
        kept = checks.write(self._store, path(backup, f"schemas/{name}.dump"), chunks)
        return Schema(**kept.model_dump(), name=name, revision=revision, rows=rows, extensions=used)


def arguments(name: str, snapshot: str, extensions: dict[str, str]) -> list[str]:
    """Names are patterns to pg_dump unless they are quoted."""
    return [
        "--format=custom",
        "--no-password",
        "--lock-wait-timeout=5min",
        f"--snapshot={snapshot}",
        f"--schema={quoted(name)}",
        *(f"--extension={quoted(one)}" for one in extensions),
    ]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
