"""Checksums on the way through."""

import hashlib
from collections.abc import Iterable, Iterator

from admin.backup.errors import BackupBroken
from admin.backup.manifest import Kept
from admin.backup.stores import FileMissing, Store


class Sum:
    """Counts and hashes what passes."""

    def __init__(self) -> None:
        self._hash, self.bytes = hashlib.sha256(), 0

    def over(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._hash.update(chunk)
            self.bytes += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def write(store: Store, name: str, chunks: Iterable[bytes]) -> Kept:
    """Keep a file and answer what was kept."""
    passing = Sum()
    store.write(name, passing.over(chunks))
    return Kept(file=name, bytes=passing.bytes, sha256=passing.sha256)


def read(store: Store, kept: Kept) -> Iterator[bytes]:
    """The file, whole or not at all: its last chunk is held back until the sum is right.

    Raises BackupBroken, which names the file.
    """
    passing, held = Sum(), b""
    try:
        for chunk in passing.over(store.read(kept.file)):
            if held:
                yield held
            held = chunk
    except FileMissing:
        raise BackupBroken(f"{kept.file} is missing.") from None
    if (passing.sha256, passing.bytes) != (kept.sha256, kept.bytes):
        raise BackupBroken(f"{kept.file} is damaged: its checksum is not the one that was written down.")
    if held:
        yield held
