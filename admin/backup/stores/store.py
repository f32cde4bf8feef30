"""What a backup asks of the place where it lies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

CHUNK = 1 << 20


class FileMissing(LookupError):
    """There is no file of this name; `str()` is the name."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    size: int


class Store(Protocol):
    """Files by name. All methods may be called from many threads; they raise StoreAway."""

    @property
    def place(self) -> str:
        """For people: where this is."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep a file of any size. It appears whole, or, where `chunks` raises, not at all."""

    def read(self, name: str) -> Iterator[bytes]:
        """The file in chunks; raises FileMissing at the first."""

    def files(self, prefix: str) -> Iterator[File]:
        """All files whose names begin so."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone are no matter."""
