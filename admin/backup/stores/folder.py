"""A folder: of a mounted volume, or of this machine."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from admin.backup import names
from admin.backup.errors import StoreAway
from admin.backup.stores.store import CHUNK, File, FileMissing, checked

DRAFT = ".draft-"
ABANDONED_SECONDS = 24 * 3600.0


class FolderStore:
    """Files appear by renaming; whoever does not own the folder cannot read them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def place(self) -> str:
        return str(self._root)

    def exists(self) -> bool:
        return self._root.is_dir()

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        path = self._root / checked(name)
        with writing(self._root):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(prefix=DRAFT, dir=path.parent)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:  # what is buffered would fail anew in closing
                fill(file, chunks, self._root)
            Path(draft).replace(path)
            sync(path.parent)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise

    def read(self, name: str) -> Iterator[bytes]:
        try:
            with (self._root / checked(name)).open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except (FileNotFoundError, NotADirectoryError):
            raise FileMissing(name) from None
        except OSError as refused:
            raise StoreAway(f"{self._root / name} cannot be read: {refused.strerror}.") from refused

    def files(self, prefix: str) -> Iterator[File]:
        """Drafts are not told; those that a killed run left are removed after a day."""
        for folder, _, files in os.walk(self._root / prefix.rpartition("/")[0], onerror=self._unreadable):
            is_ours = names.is_folder(self._name(folder))
            for path in (Path(folder, one) for one in sorted(files) if is_ours):
                if path.name.startswith(DRAFT):
                    forget(path)
                elif (name := self._name(path)).startswith(prefix) and names.is_file(name) and path.is_file():
                    yield File(name, path.stat().st_size)

    def _name(self, path: str | Path) -> str:
        return Path(path).relative_to(self._root).as_posix()

    def _unreadable(self, refused: OSError) -> None:
        """What is unread must not look like what is not there: the pool would be swept of what it refers to."""
        is_ours = names.is_folder(self._name(refused.filename))
        if is_ours and not isinstance(refused, FileNotFoundError | NotADirectoryError):
            raise StoreAway(f"{refused.filename} cannot be read: {refused.strerror}.") from refused

    def remove(self, files: Iterable[str]) -> None:
        for name in files:
            path = self._root / checked(name)
            try:
                path.unlink(missing_ok=True)
            except OSError as refused:
                raise StoreAway(f"{path} cannot be removed: {refused.strerror}.") from refused
            for folder in list(path.relative_to(self._root).parents)[:-1]:  # the root stays: it may be a mount
                if not is_empty(self._root / folder):
                    break
                (self._root / folder).rmdir()


def fill(file: FileIO, chunks: Iterable[bytes], root: Path) -> None:
    for chunk in chunks:
        with writing(root):
            left = memoryview(chunk)
            while left:
                left = left[file.write(left) :]
    with writing(root):
        os.fsync(file.fileno())


@contextmanager
def writing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise StoreAway(f"{root} cannot be written: {refused.strerror}.") from refused


def sync(folder: Path) -> None:
    """Have the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget(draft: Path) -> None:
    with suppress(FileNotFoundError):  # it was finished meanwhile
        if time.time() - draft.lstat().st_mtime > ABANDONED_SECONDS:
            draft.unlink()


def is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None
