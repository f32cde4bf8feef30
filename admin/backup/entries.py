"""Lists of objects: a JSON line for each, in files of some thousand, so that millions need no memory."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter

from admin.backup import checks
from admin.backup.errors import BackupBroken
from admin.backup.manifest import Kept, Objects, path
from admin.backup.names import BACKUPS, POOL, POOL_FILE
from admin.backup.stores import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as it was, and the file of the pool that has its content."""

    bucket: str
    key: str
    size: Annotated[int, Field(ge=0)]
    etag: str
    type: str
    sha256: str
    file: Annotated[str, Field(pattern=f"^{POOL_FILE}$")]

    @property
    def kept(self) -> Kept:
        return Kept(file=self.file, bytes=self.size, sha256=self.sha256)


LINE = TypeAdapter(Entry)


def pool_file(bucket: str, key: str, etag: str, size: int) -> str:
    """Where this version of an object lies; the same version is kept once for all backups."""
    name = hashlib.sha256("\0".join((bucket, key, etag, str(size))).encode()).hexdigest()
    return f"{POOL}{name[:2]}/{name}"


def write(store: Store, backup: str, number: int, entries: list[Entry]) -> Objects:
    lines = "".join(f"{json.dumps(asdict(one))}\n" for one in entries)
    packed = gzip.compress(lines.encode(), mtime=0)
    kept = checks.write(store, path(backup, f"objects/{number:06}.jsonl.gz"), [packed])
    return Objects(**kept.model_dump(), count=len(entries), content_bytes=sum(one.size for one in entries))


def read(store: Store, lists: Iterable[Kept]) -> Iterator[Entry]:
    """All objects of these lists; raises BackupBroken."""
    for kept in lists:
        yield from unpacked(b"".join(checks.read(store, kept)), kept.file)


def read_unfinished(store: Store, backup: str) -> Iterator[Entry]:
    """The objects that a run noted before it was killed."""
    for file in store.files(f"{BACKUPS}{backup}/objects/"):
        yield from unpacked(b"".join(store.read(file.name)), file.name)


def unpacked(packed: bytes, file: str) -> Iterator[Entry]:
    try:
        for line in gzip.decompress(packed).splitlines():
            yield LINE.validate_json(line)
    except (OSError, EOFError, zlib.error, ValueError):
        raise BackupBroken(f"{file} cannot be read.") from None
