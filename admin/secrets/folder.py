"""Secrets as files, FOLDER/secret/key, readable by their owner alone: what mounted secrets look like to a process."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from admin.errors import Failed
from admin.secrets.store import Contended, Held


class FolderSecrets:
    """One writer at a time, by a lock on the folder. The kind and the labels of a secret have no place here."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as refused:
            raise Failed(f"{folder} cannot be made: {refused.strerror}.") from None
        self._folder = folder

    def read(self, name: str) -> Held | None:
        place = self._folder / name
        if not place.is_dir():
            return None
        data = {file.name: file.read_bytes() for file in sorted(place.iterdir()) if file.is_file()}
        return Held(data, version(data)) if data else None

    def create(self, name: str, kind: str, data: Mapping[str, bytes], labels: Mapping[str, str]) -> None:
        del kind, labels
        with self._locked():
            if self.read(name):
                raise Contended
            self._write(name, data)

    def change(self, name: str, version: str, data: Mapping[str, bytes | None]) -> None:
        with self._locked():
            held = self.read(name)
            if held is None or held.version != version:
                raise Contended
            self._write(name, data)

    def _write(self, name: str, data: Mapping[str, bytes | None]) -> None:
        place = self._folder / name
        place.mkdir(exist_ok=True, mode=0o700)
        for key, value in data.items():
            if value is None:
                (place / key).unlink(missing_ok=True)
            else:
                replace(place / key, value)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def replace(path: Path, value: bytes) -> None:
    """The file whole or not at all; nobody reads half of it."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent.parent, prefix=".draft-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
    Path(draft).replace(path)


def version(data: Mapping[str, bytes]) -> str:
    seen = hashlib.sha256()
    for key, value in sorted(data.items()):
        seen.update(f"{key}\0{len(value)}\0".encode() + value)
    return seen.hexdigest()
