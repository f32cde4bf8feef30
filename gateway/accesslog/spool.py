"""Where rows of the access log wait on disk until Kafka has them.

Rows are written before anything is sent, so that `kill -9` loses none. A batch keeps its event's id however often it
is sent. Files of processes that died are adopted. The oldest file goes when the spool is full.
"""

import asyncio
import os
import time
import uuid
from collections import deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from prometheus_client import Counter, Gauge

from gateway.accesslog.segment import Sealed, Segment
from libs.telemetry import get_logger

log = get_logger(__name__)
SEGMENT_BYTES = 4 * 1024 * 1024
BATCH_BYTES = 256 * 1024  # a broker takes 1 MiB
BATCH_ROWS = 500
HELD_ROWS = 5_000  # in memory while the disk takes nothing
DROPPED = Counter("orrery_access_log_dropped_total", "Rows of the access log lost: the spool was full, or no disk.")
WAITING = Gauge("orrery_access_log_spool_bytes", "Bytes of the access log on disk that Kafka has not taken yet.")


@dataclass(eq=False, slots=True)
class Batch:
    """Rows that are sent as one event."""

    segment: Segment
    sealed: Sealed

    def rows(self) -> bytes:
        """JSON objects with commas between them."""
        return self.segment.rows(self.sealed)


class Spool:
    """The files of this process in a folder that several gateways of one machine may share."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder, self._limit = folder, limit_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._segments: list[Segment] = []
        self._batches: deque[Batch] = deque()
        self._held: list[bytes] = []
        self._made = 0
        self._active = self._next()

    def __len__(self) -> int:
        """Batches that are not sent."""
        return len(self._batches)

    def append(self, rows: list[bytes]) -> None:
        """Keep rows, each a JSON object; they outlive this process from here on. A disk that is full is waited for."""
        rows, self._held = [*self._held, *rows], []
        if not rows:
            return
        try:
            if self._active.size >= SEGMENT_BYTES:
                self._rotate()
            self._active.append(b",".join(rows), len(rows))
        except OSError as failure:
            self._hold(rows, failure)
        else:
            if self._active.unsealed >= BATCH_ROWS or self._active.size - self._active.sealed_at >= BATCH_BYTES:
                self.seal()

    def _hold(self, rows: list[bytes], failure: OSError) -> None:
        self._held = rows[-HELD_ROWS:]
        DROPPED.inc(len(rows) - len(self._held))
        log.error("access_log_not_written", rows=len(self._held), reason=str(failure))

    def seal(self) -> None:
        """Close the present batch, if it has rows."""
        try:
            self._seal(self._active)
        except OSError as failure:  # its rows stay, and go with the next batch
            log.warning("access_log_not_sealed", reason=str(failure))

    def first(self, most: int) -> list[Batch]:
        """The oldest batches, in order."""
        return list(islice(self._batches, most))

    def sent(self, batches: list[Batch]) -> None:
        """Forget batches that Kafka has."""
        for batch in batches:
            if self._batches and self._batches[0] is batch:
                self._batches.popleft()
                batch.segment.waiting -= 1
        for segment in [one for one in self._segments if not one.waiting and one is not self._active]:
            self._remove(segment)
        if not self._active.waiting and not self._active.unsealed and self._active.size:
            self._active.empty()
        self._measure()

    async def adopt(self) -> None:
        """Take over what processes left that died, oldest first."""
        mine = {one.path for one in self._segments}
        for path in sorted(set(self._folder.glob("*.log")) - mine):
            segment = await asyncio.to_thread(Segment.adopt, path)
            if segment is None:
                continue
            found = await asyncio.to_thread(segment.recover)
            self._segments.insert(len(self._segments) - 1, segment)
            self._batches.extend(Batch(segment, sealed) for sealed in found)
            self._seal(segment)
            if segment.waiting:
                log.info("access_log_adopted", file=path.name, batches=segment.waiting)
        self.sent([])

    async def sync(self) -> None:
        """Return when what waits outlives a power cut."""
        self._measure()
        for segment in [one for one in self._segments if not one.is_synced]:
            await asyncio.to_thread(segment.sync)

    def close(self) -> None:
        """Let the files go; those with rows stay for the next process."""
        for segment in list(self._segments):
            if segment.waiting or segment.unsealed:
                segment.close()
            else:
                segment.delete()
        self._segments.clear()

    def _seal(self, segment: Segment) -> None:
        if segment.unsealed:
            self._batches.append(Batch(segment, segment.seal(str(uuid.uuid4()), time.time())))

    def _rotate(self) -> None:
        self.seal()
        self._active = self._next()
        while sum(one.size for one in self._segments) > self._limit:
            self._drop(self._segments[0])

    def _next(self) -> Segment:
        self._made += 1
        segment = Segment.make(self._folder / f"{time.time_ns():020d}-{os.getpid()}-{self._made}.log")
        self._segments.append(segment)
        return segment

    def _drop(self, segment: Segment) -> None:
        lost = [one for one in self._batches if one.segment is segment]
        rows = sum(one.sealed.rows for one in lost)
        self._batches = deque(one for one in self._batches if one.segment is not segment)
        self._remove(segment)
        DROPPED.inc(rows)
        log.error("access_log_dropped", rows=rows, file=segment.path.name)

    def _remove(self, segment: Segment) -> None:
        self._segments.remove(segment)
        segment.delete()

    def _measure(self) -> None:
        WAITING.set(sum(one.size for one in self._segments if one.waiting))
