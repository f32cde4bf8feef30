"""The access log: each request as a row, off its path, to Kafka in batches by way of the spool."""

import asyncio
import datetime as dt
import socket
from typing import Any

import orjson
from orrery.gateway.requests.v1.events_pb2 import RequestsServed
from prometheus_client import Counter

from gateway.accesslog.spool import Batch, Spool
from libs.kafka import Envelope, Kafka, KafkaAway, Record
from libs.telemetry import get_logger

log = get_logger(__name__)
TYPE = RequestsServed.DESCRIPTOR.full_name
TOPIC = RequestsServed.DESCRIPTOR.file.package
SEND_EVERY_SECONDS = 0.2
PAUSE_SECONDS = 1.0
AT_ONCE = 8  # batches in one call
FRAME_ROWS = 100
ADOPT_EVERY = 150  # turns of the loop: 30 s
SENT = Counter("orrery_access_log_sent_total", "Batches of the access log that Kafka took.")
AWAY = Counter("orrery_access_log_away_total", "Attempts to send the access log that failed.")


class AccessLog:
    """Takes rows, sends batches.

    A row is on disk (in the page cache, by one write for all rows of the event loop's turn) before anything is sent:
    kill -9 costs the requests that were answered in the process's last millisecond, and no others. 8 µs a request
    alone, 2 µs under load; a buffer in memory would save 6 of them and lose 200 ms.
    """

    def __init__(self, kafka: Kafka, spool: Spool, *, key: str = "") -> None:
        self._kafka, self._spool = kafka, spool
        self._key = key or socket.gethostname()
        self._rows: list[dict[str, Any]] = []
        self._has_topic = False

    def record(self, row: dict[str, Any]) -> None:
        """Log a request, as the fields of orrery.gateway.requests.v1.Request; costs no input or output."""
        if not self._rows:
            asyncio.get_running_loop().call_soon(self.write)
        self._rows.append(row)

    def write(self) -> None:
        """Bring the recorded rows to disk."""
        rows, self._rows = self._rows, []
        for start in range(0, len(rows), FRAME_ROWS):
            self._spool.append([text for row in rows[start : start + FRAME_ROWS] if (text := encoded(row))])

    async def run(self) -> None:
        """Send every 200 ms; while Kafka is away the spool grows, and goes out in order afterwards."""
        turn = 0
        while True:
            if turn % ADOPT_EVERY == 0:
                await self._spool.adopt()
            turn += 1
            has_sent = await self.send()
            await asyncio.sleep(SEND_EVERY_SECONDS if has_sent else PAUSE_SECONDS)

    async def send(self) -> bool:
        """Send all batches; False where Kafka is away, and then they are safe on disk."""
        self.write()
        self._spool.seal()
        try:
            while batches := self._spool.first(AT_ONCE):
                await self._ensure_topic()
                await self._kafka.send([self._record(batch) for batch in batches])
                self._spool.sent(batches)
                SENT.inc(len(batches))
        except KafkaAway:
            AWAY.inc()
            self._has_topic = False  # a broker without its disk has none
            await self._spool.sync()
            return False
        return True

    async def _ensure_topic(self) -> None:
        if not self._has_topic:
            await self._kafka.ensure_topics([TOPIC])
            self._has_topic = True

    async def close(self, seconds: float) -> None:
        """Send what is left within the time; the rest stays on disk for the next process."""
        try:
            async with asyncio.timeout(seconds):
                await self.send()
        except TimeoutError:
            log.warning("access_log_left_on_disk", batches=len(self._spool))
        if self._spool:
            await self._spool.sync()
        self._spool.close()

    def _record(self, batch: Batch) -> Record:
        closed = dt.datetime.fromtimestamp(batch.sealed.time, dt.UTC)
        envelope = Envelope(batch.sealed.id, TYPE, "gateway", TOPIC, self._key, closed)
        return Record(TOPIC, self._key.encode(), b'{"requests":[%b]}' % batch.rows(), envelope.headers())


def encoded(row: dict[str, Any]) -> bytes:
    """The row as JSON; empty (and a log line) where it is none, so that one row cannot take others with it."""
    try:
        return orjson.dumps(row)
    except orjson.JSONEncodeError as failure:
        log.error("access_log_row_refused", request_id=row.get("request_id"), reason=str(failure))  # noqa: TRY400  # no traceback
        return b""
