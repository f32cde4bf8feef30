"""Credentials that ended or changed before their time, as auth's events tell.

Every gateway process reads every partition, without a group: each must know each revocation. At its start it reads
what the last 35 minutes brought, then it follows; where the broker was away it goes on at the offset where it was.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated, SessionRevoked
from prometheus_client import Gauge

from gateway.identity.ended import Ended
from libs.kafka import Kafka, from_json
from libs.kafka.envelope import read_envelope
from libs.telemetry import get_logger

log = get_logger(__name__)
TOPIC = SessionRevoked.DESCRIPTOR.file.package
LOOK_BACK_SECONDS = 35 * 60
PAUSE_SECONDS = 1.0
SILENCE_SECONDS = 5.0
FOLLOWING = Gauge("orrery_revocations_following", "1 while revocations arrive, 0 while Kafka is away.")


class Revocations:
    """Follows auth's events; what they say is in `ended`."""

    def __init__(self, kafka: Kafka, *, silence_seconds: float = SILENCE_SECONDS) -> None:
        """`silence_seconds`: how long nothing may come before Kafka is asked whether it is there."""
        self._kafka, self._silence = kafka, silence_seconds
        self.ended = Ended()
        self._next: dict[TopicPartition, int] = {}
        self._tried = asyncio.Event()
        self._has_caught_up = False

    async def catch_up(self, seconds: float) -> bool:
        """Wait until all that happened before the start is known; False where Kafka is away, or slower than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._tried.wait()
        if not self._has_caught_up:
            log.warning("revocations_not_caught_up")
        return self._has_caught_up

    async def run(self) -> None:
        """Follow the topic until cancelled; the broker may come and go."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError) as away:
                log.warning("revocations_wait", reason=str(away))
            FOLLOWING.set(0)
            self._tried.set()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self) -> None:
        await self._kafka.ensure_topics([TOPIC])
        consumer = self._kafka.consumer([TOPIC], None)
        await consumer.start()
        try:
            ends = await self._seek(consumer)
            FOLLOWING.set(1)
            await self._read(consumer, ends)
        finally:
            await consumer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Go on where we were, or, in partitions never read, 35 minutes ago; answers where the topic ends now."""
        found = consumer.assignment()
        since = int((time.time() - LOOK_BACK_SECONDS) * 1000)
        # The ends first: what comes between the two questions would else be behind the end and before no start.
        ends: dict[TopicPartition, int] = await consumer.end_offsets(found)
        starts = await consumer.offsets_for_times({one: since for one in found if one not in self._next})
        for one in found:
            told = starts.get(one)
            self._next.setdefault(one, told.offset if told else ends[one])
            consumer.seek(one, self._next[one])
        return ends

    async def _read(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        """Take in what comes; return when Kafka is silent and does not answer."""
        heard = time.monotonic()
        while True:
            if all(self._next.get(one, 0) >= end for one, end in ends.items()):
                self._has_caught_up = True
                self._tried.set()
            for partition, records in (await consumer.getmany(timeout_ms=1_000)).items():
                self._take(records)
                self._next[partition] = records[-1].offset + 1
                heard = time.monotonic()
            self.ended.forget()
            if time.monotonic() - heard > self._silence:
                heard = time.monotonic()
                if not await self._kafka.answers():
                    return

    def _take(self, records: Iterable[ConsumerRecord[Any, Any]]) -> None:
        for record in records:
            try:
                if name := named(read_envelope(record.headers).type, record.value or b""):
                    self.ended.add(name, record.timestamp)
            except ValueError:
                log.exception("revocation_unreadable", partition=record.partition, offset=record.offset)


def named(kind: str, value: bytes) -> str:
    """What an event says has ended, as "<kind>:<id>"; empty for events that say nothing of the sort.

    When it ended is the record's time: it was sent after the commit, so that whatever was read before is older.
    """
    if kind == SessionRevoked.DESCRIPTOR.full_name:
        return f"session:{from_json(SessionRevoked, value).session_id}"
    if kind == CredentialsInvalidated.DESCRIPTOR.full_name:
        event = from_json(CredentialsInvalidated, value)
        return f"{event.kind}:{event.id}"
    return ""
