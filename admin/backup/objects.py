"""Copying the objects of all buckets into the pool; what lies there already is not copied again."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from admin.backup import checks, entries
from admin.backup.buckets import Buckets
from admin.backup.entries import Entry, pool_file
from admin.backup.errors import BackupImpossible, CopyFailed
from admin.backup.known import Known, known, learn
from admin.backup.manifest import Objects
from admin.backup.stores import FileMissing, Store

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was listed, and its entry where the pool has it."""

    bucket: str
    key: str
    size: int
    have: Entry | None


class Copying:
    """Copies objects into a store. `copied` and `copied_bytes` count what had to be."""

    def __init__(self, buckets: Buckets, store: Store, jobs: int) -> None:
        self._buckets, self._store, self._jobs = buckets, store, jobs
        self.copied = self.copied_bytes = 0

    def copy(self, backup: str, names: Sequence[str]) -> Iterator[Objects]:
        """Each list of objects as soon as it is kept: a run that is killed leaves what it did to the next."""
        with known() as have, ThreadPoolExecutor(self._jobs, thread_name_prefix="objects") as threads:
            learn(self._store, have)
            found = (one for name in names for one in self._listed(name, have))
            number = 0
            while some := list(islice(found, AT_ONCE)):
                copied = list(threads.map(self._entry, some))
                new = [entry for entry, one in zip(copied, some, strict=True) if one.have is None]
                self.copied += len(new)
                self.copied_bytes += sum(entry.size for entry in new)
                yield entries.write(self._store, backup, number, copied)
                number += 1

    def _listed(self, bucket: str, have: Known) -> Iterator[Found]:
        for one in self._buckets.listed(bucket):
            key, size, etag = one.object_name or "", one.size or 0, (one.etag or "").strip('"')
            yield Found(bucket, key, size, have.find(pool_file(bucket, key, etag, size)))

    def _entry(self, found: Found) -> Entry:
        """Raises BackupImpossible for an object that was removed under the hold."""
        if found.have:
            return found.have
        try:
            etag, kind, size, content = self._buckets.read(found.bucket, found.key)
        except FileMissing:
            raise BackupImpossible(f"{found.bucket}/{found.key} was removed while the backup ran.") from None
        file = pool_file(found.bucket, found.key, etag, size)
        kept = checks.write(self._store, file, content)
        if kept.bytes != size:
            raise CopyFailed(f"{found.bucket}/{found.key} came in {kept.bytes} of {size} bytes.")
        return Entry(found.bucket, found.key, size, etag, kind, kept.sha256, file)
