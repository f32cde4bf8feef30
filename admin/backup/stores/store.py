"""What a backup asks of the place where it lies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from admin.backup import names
from admin.backup.errors import BackupBroken

CHUNK = 1 << 20


def checked(name: str) -> str:
    """The name, where it is one of a backup's files: whatever names another file was not written by a backup."""
    if not names.is_file(name):
        raise BackupBroken(f"{name[:200]!r} is no file of a backup.")
    return name


class FileMissing(LookupError):
    """There is no file of this name; `str()` is the name."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    size: int


class Store(Protocol):
    """Files by name. All methods may be called from many threads; they raise StoreAway, and BackupBroken
    for a name that no file of a backup has (admin.backup.names)."""

    @property
    def place(self) -> str:
        """For people: where this is."""

    def exists(self) -> bool:
        """Whether the place itself is there; a backup makes a folder, not a bucket."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep a file of any size. It appears whole, or, where `chunks` raises, not at all."""

    def read(self, name: str) -> Iterator[bytes]:
        """The file in chunks; raises FileMissing at the first."""

    def files(self, prefix: str) -> Iterator[File]:
        """All files of backups whose names begin so; what others keep beside them is not told."""

    def remove(self, files: Iterable[str]) -> None:
        """Remove files; those that are gone are no matter."""
