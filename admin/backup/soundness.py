"""Looking whether a backup would do: every sum, every object, every dump read to its end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from admin.backup import checks, entries, master
from admin.backup.entries import Entry
from admin.backup.errors import BackupBroken, CopyFailed
from admin.backup.manifest import Kept, Manifest, Schema
from admin.backup.programs import Programs
from admin.backup.settings import BackupSettings
from admin.backup.stores import Store
from services.auth.sealing.settings import KeySettings

READ_ALL = ("--file=/dev/null",)


class Soundness:
    """Of one backup. What is wrong is told, one sentence each; nothing is raised for it."""

    def __init__(self, store: Store, settings: BackupSettings, backup: Manifest) -> None:
        self._store, self._settings, self._backup = store, settings, backup
        self._programs = Programs(settings.programs)
        self.damaged: list[str] = []
        """Files of the pool whose sums are wrong."""

    def run(self, keys: KeySettings | None) -> Iterator[str]:
        """Read all of it."""
        if wrong := master.missing(self._backup.master_keys, keys):
            yield wrong
        with ThreadPoolExecutor(self._settings.jobs, thread_name_prefix="verify") as threads:
            yield from filter(None, threads.map(self._dump, self._backup.schemas))
            if self._backup.events:
                yield from filter(None, [self._file(self._backup.events)])
            for one in self._backup.objects:
                yield from self._objects(threads, one)

    def _objects(self, threads: ThreadPoolExecutor, listed: Kept) -> Iterator[str]:
        if wrong := self._file(listed):
            yield wrong
            return
        found = list(entries.read(self._store, [listed]))
        for one, wrong in zip(found, threads.map(lambda entry: self._file(entry.kept), found), strict=True):
            if wrong:
                self.damaged.append(one.file)
                yield f"{name(one)}: {wrong}"

    def _file(self, kept: Kept) -> str:
        try:
            for _ in checks.read(self._store, kept):
                continue
        except BackupBroken as broken:
            return str(broken)
        return ""

    def _dump(self, schema: Schema) -> str:
        try:
            self._programs.write_to("pg_restore", "", checks.read(self._store, schema), *READ_ALL)
        except BackupBroken as broken:
            return str(broken)
        except CopyFailed as refused:
            return self._file(schema) or f"{schema.file} is no dump: {refused}"
        return ""


def name(entry: Entry) -> str:
    return f"{entry.bucket}/{entry.key}"
