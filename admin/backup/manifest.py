"""What a backup is made of. The manifest is written last: without it there is no backup."""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from admin.backup.errors import BackupBroken, NoSuchBackup
from admin.backup.names import BACKUPS, FILE, ID, MANIFEST, is_id
from admin.backup.stores import FileMissing, Store

FORMAT = 1
LARGEST = 64 << 20
"""Bytes of a manifest: a million objects need 200,000."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(Part):
    """A file of the backup."""

    file: str = Field(pattern=f"^{FILE}$")
    bytes: int
    sha256: str


class Schema(Kept):
    """The dump of one schema, and what was counted in the same snapshot."""

    name: str
    revision: str
    rows: dict[str, int]
    extensions: dict[str, str] = Field(description="Those that it uses, each with the schema that it lies in.")


class Objects(Kept):
    """A list of objects, a JSON line for each (objects.Entry)."""

    count: int
    content_bytes: int


class Events(Kept):
    """The events that were on their way: sent, and not yet taken in by every group."""

    count: int


class Manifest(Part):
    format: int = FORMAT
    id: str = Field(pattern=f"^{ID}$")
    taken_at: datetime = Field(description="The moment that it is of.")
    ended_at: datetime
    postgres: str = Field(description="The server's version.")
    schemas: tuple[Schema, ...]
    left_out: tuple[str, ...] = Field(description="Schemas of the database that are none of the fleet's.")
    buckets: tuple[str, ...]
    objects: tuple[Objects, ...]
    events: Events | None = Field(description="None where no Kafka was asked.")
    groups: dict[str, tuple[str, ...]] = Field(description="Who consumed which topics.")
    master_keys: tuple[str, ...] = Field(description="Ids of the master keys that open what is sealed in it.")

    @model_validator(mode="after")
    def has_its_own(self) -> Self:
        if not all(one.file.startswith(path(self.id, "")) for one in self.files):
            raise ValueError("it names a file of another backup")
        return self

    @property
    def files(self) -> tuple[Kept, ...]:
        """Dumps, lists and events: what it shares with no other."""
        return (*self.schemas, *self.objects, *((self.events,) if self.events else ()))

    @property
    def size(self) -> int:
        """Bytes of dumps, lists and events, and of all objects, shared ones too."""
        return sum(one.bytes for one in self.files) + sum(one.content_bytes for one in self.objects)

    @property
    def object_count(self) -> int:
        return sum(one.count for one in self.objects)


def new_id(store: Store) -> str:
    """The second in which a backup begins; ids sort by time. One that another has is waited over."""
    while is_taken(store, made := datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")):
        time.sleep(0.1)
    return made


def is_taken(store: Store, backup: str) -> bool:
    return next(store.files(f"{BACKUPS}{backup}/"), None) is not None


def path(backup: str, name: str) -> str:
    """Where a backup's own file lies."""
    return f"{BACKUPS}{backup}/{name}"


def digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write(store: Store, manifest: Manifest) -> None:
    """The backup exists when this returns."""
    told = manifest.model_dump(mode="json")
    whole = {"sha256": digest(told), "manifest": told}
    store.write(path(manifest.id, MANIFEST), [json.dumps(whole, indent=1).encode()])


def read(store: Store, backup: str) -> Manifest:
    """Raises NoSuchBackup; BackupBroken where the manifest is not as it was written."""
    try:
        whole = json.loads(written(store, backup))
        told = whole["manifest"]
        is_whole = digest(told) == whole["sha256"] and told["id"] == backup
    except FileMissing:
        raise NoSuchBackup(f"There is no backup {backup} in {store.place}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BackupBroken(f"The manifest of {backup} cannot be read.") from None
    if not is_whole:
        raise BackupBroken(f"The manifest of {backup} was changed since it was written.")
    if told.get("format") != FORMAT:
        raise BackupBroken(f"{backup} has format {str(told.get('format'))[:20]}; this release reads format {FORMAT}.")
    try:
        return Manifest.model_validate(told)
    except (ValidationError, RecursionError):
        raise BackupBroken(f"The manifest of {backup} cannot be read.") from None


def written(store: Store, backup: str) -> bytes:
    """The manifest as it lies there; raises FileMissing, BackupBroken."""
    if not is_id(backup):
        raise FileMissing(backup)
    whole = b""
    for chunk in store.read(path(backup, MANIFEST)):
        whole += chunk
        if len(whole) > LARGEST:
            raise BackupBroken(f"The manifest of {backup} is larger than {LARGEST >> 20} MiB; no backup wrote it.")
    return whole


def ids(store: Store) -> tuple[list[str], list[str]]:
    """Complete backups, oldest first, and what killed runs left behind."""
    seen: dict[str, bool] = {}
    for file in store.files(BACKUPS):
        backup, _, name = file.name.removeprefix(BACKUPS).partition("/")
        seen[backup] = seen.get(backup, False) or name == MANIFEST
    return sorted(one for one in seen if seen[one]), sorted(one for one in seen if not seen[one])


def chosen(store: Store, name: str) -> str:
    """The id that is meant; `latest` is the newest complete one."""
    if name != "latest":
        return name
    complete, _ = ids(store)
    if not complete:
        raise NoSuchBackup(f"There is no backup in {store.place}.")
    return complete[-1]
