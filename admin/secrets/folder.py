"""Secrets as files, FOLDER/secret/key, readable by their owner alone: what mounted secrets look like to a process."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from admin.errors import Failed
from admin.secrets.store import NO_MARKS, Contended, Held, Marks

DRAFT, READY = ".draft-", ".ready-"


class FolderSecrets:
    """Secrets appear and change whole, whenever a run is killed: the next one ends what it began.

    One reader or writer at a time, by a lock on the folder. The kind and the marks of a secret have no place here.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as refused:
            raise Failed(f"{folder} cannot be made: {refused.strerror}.") from None
        self._folder = folder

    def read(self, name: str) -> Held | None:
        with self._locked():
            return self._held(name)

    def _held(self, name: str) -> Held | None:
        place = self._folder / name
        if not place.is_dir():
            return None
        data = {file.name: file.read_bytes() for file in sorted(place.iterdir()) if file.is_file()}
        return Held(data, version(data)) if data else None

    def create(self, name: str, kind: str, data: Mapping[str, bytes], marks: Marks) -> None:
        del kind, marks
        with self._locked():
            if self._held(name):
                raise Contended
            self._draft(data).rename(self._folder / name)

    def change(self, name: str, version: str, data: Mapping[str, bytes | None], marks: Marks = NO_MARKS) -> None:
        del marks
        with self._locked():
            held = self._held(name)
            if held is None or held.version != version:
                raise Contended
            after = {key: value for key, value in {**held.data, **data}.items() if value is not None}
            self._draft(after).rename(self._folder / f"{READY}{name}")
            self._finish()

    def _draft(self, data: Mapping[str, bytes]) -> Path:
        """A folder with these files, which is nothing yet."""
        draft = Path(tempfile.mkdtemp(dir=self._folder, prefix=DRAFT))
        for key, value in data.items():
            with os.fdopen(os.open(draft / key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(value)
        return draft

    def _finish(self) -> None:
        """Bring what is ready to its place, file by file: the folder itself may be mounted somewhere."""
        for ready in sorted(self._folder.glob(f"{READY}*")):
            place = self._folder / ready.name.removeprefix(READY)
            place.mkdir(exist_ok=True, mode=0o700)
            for file in sorted(ready.iterdir()):
                replace(place / file.name, file)
            for file in [one for one in place.iterdir() if one.is_file() and not (ready / one.name).exists()]:
                file.unlink()
            ready.rename(tempfile.mkdtemp(dir=self._folder, prefix=DRAFT))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with (self._folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._finish()
                for draft in self._folder.glob(f"{DRAFT}*"):
                    remove(draft)
                yield
        except OSError as refused:
            raise Failed(f"{refused.filename or self._folder} cannot be used: {refused.strerror}.") from None


def remove(draft: Path) -> None:
    """What a killed run left."""
    if draft.is_dir():
        shutil.rmtree(draft)
    else:
        draft.unlink()


def replace(path: Path, source: Path) -> None:
    """The file whole or not at all; nobody reads half of it. The source stays."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent.parent, prefix=DRAFT)
    with os.fdopen(descriptor, "wb") as file:
        file.write(source.read_bytes())
    Path(draft).replace(path)


def version(data: Mapping[str, bytes]) -> str:
    seen = hashlib.sha256()
    for key, value in sorted(data.items()):
        seen.update(f"{key}\0{len(value)}\0".encode() + value)
    return seen.hexdigest()
