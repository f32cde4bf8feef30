"""One append-only file of the spool.

A frame is a kind (one byte), the payload's length and CRC-32 (four bytes each, big-endian) and the payload. `R` holds
rows, as JSON objects with commas between them; `S` closes a batch: its id and time, for all rows since the former `S`.
Reading ends at the first frame that is torn or wrong: a process died while it wrote it.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

HEAD = struct.Struct(">cII")
ROWS, SEAL = b"R", b"S"


class Sealed(NamedTuple):
    """A batch: where its frames lie, its event's id, when it was closed (Unix seconds), how many rows it has."""

    start: int
    end: int
    id: str
    time: float
    rows: int


class Frame(NamedTuple):
    kind: bytes
    payload: bytes
    end: int


@dataclass(eq=False)
class Segment:
    """The file, locked by this process as long as it is open; the lock ends with the process, however it ends."""

    path: Path
    file: int
    size: int = 0
    unsealed: int = 0  # rows since the last seal
    sealed_at: int = 0  # offset behind the last seal
    waiting: int = 0  # batches that are not sent yet
    is_synced: bool = True

    @classmethod
    def make(cls, path: Path) -> "Segment":
        """A new, empty file; it has its name only once it is locked, so that nobody takes it for a dead process's."""
        draft = path.with_suffix(".draft")
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(path)
        return cls(path, file)

    @classmethod
    def adopt(cls, path: Path) -> "Segment | None":
        """A dead process's file; None where its process lives, or where it is gone."""
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_there = path.stat().st_ino == os.fstat(file).st_ino  # not deleted by its owner a moment ago
        except OSError:
            is_there = False
        if is_there:
            return cls(path, file)
        os.close(file)
        return None

    def append(self, payload: bytes, rows: int) -> None:
        """Write rows: they outlive this process from here on. Raises OSError, and then nothing was written."""
        self._write(ROWS, payload)
        self.unsealed += rows

    def seal(self, batch_id: str, time: float) -> Sealed:
        """Close the batch of all rows since the last one; raises OSError."""
        start, rows = self.sealed_at, self.unsealed
        self._write(SEAL, orjson.dumps({"id": batch_id, "time": time, "rows": rows}))
        self.sealed_at, self.unsealed = self.size, 0
        self.waiting += 1
        return Sealed(start, self.size, batch_id, time, rows)

    def recover(self) -> list[Sealed]:
        """The batches in an adopted file; what is torn at its end is cut off, rows before it stay as unsealed."""
        found: list[Sealed] = []
        loose: list[bytes] = []
        for frame in self._frames(0, os.fstat(self.file).st_size):
            self.size = frame.end
            if frame.kind == ROWS:
                loose.append(frame.payload)
                continue
            seal = orjson.loads(frame.payload)
            found.append(Sealed(self.sealed_at, frame.end, seal["id"], seal["time"], seal["rows"]))
            self.sealed_at = frame.end
            loose.clear()
        os.ftruncate(self.file, self.size)
        self.unsealed = len(orjson.loads(b"[%b]" % b",".join(loose)))
        self.waiting = len(found)
        return found

    def rows(self, batch: Sealed) -> bytes:
        """The rows of a batch, commas between them."""
        frames = self._frames(batch.start, batch.end)
        return b",".join(frame.payload for frame in frames if frame.kind == ROWS)

    def empty(self) -> None:
        """Begin anew: everything in it was sent."""
        os.ftruncate(self.file, 0)
        self.size = self.sealed_at = 0
        self.is_synced = True

    def sync(self) -> None:
        """Return when the rows outlive a power cut too. Blocks for as long as the disk takes."""
        os.fsync(self.file)
        self.is_synced = True

    def close(self) -> None:
        """Unlock; what is in it waits for the next process."""
        os.close(self.file)

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self.file)

    def _write(self, kind: bytes, payload: bytes) -> None:
        frame = HEAD.pack(kind, len(payload), zlib.crc32(payload)) + payload
        written = os.pwrite(self.file, frame, self.size)
        if written < len(frame):
            os.ftruncate(self.file, self.size)
            raise OSError("the disk took only a part of a frame")
        self.size += written
        self.is_synced = False

    def _frames(self, start: int, end: int) -> Iterator[Frame]:
        text = os.pread(self.file, end - start, start)
        at = 0
        while at + HEAD.size <= len(text):
            kind, length, crc = HEAD.unpack_from(text, at)
            at += HEAD.size
            payload = text[at : at + length]
            at += length
            if len(payload) < length or zlib.crc32(payload) != crc or kind not in (ROWS, SEAL):
                return
            yield Frame(kind, payload, start + at)
