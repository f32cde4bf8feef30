"""Rows as the edge makes them, and how Kafka and a spool folder are read."""

import itertools
import time
import uuid
from pathlib import Path
from typing import Any

import orjson
from orrery.gateway.requests.v1.events_pb2 import RequestsServed

from gateway.accesslog.log import TOPIC
from gateway.accesslog.segment import Segment
from libs.kafka import Kafka, from_json
from libs.kafka.envelope import read_envelope

NUMBERS = itertools.count(1)


def row(request_id: str = "") -> dict[str, Any]:
    return {
        "request_id": request_id or f"request-{next(NUMBERS)}",
        "method": "GET",
        "path": "/api/media/videos/1",
        "route": "/api/media/videos/{videoId}",
        "status": 200,
        "duration_us": 1234,
        "user_id": 7,
        "organization_id": "",
        "address": "203.0.113.9",
        "user_agent": "test/1 “quoted”",
        "served_at_us": 1_795_265_639_207_123,
        "response_bytes": 812,
    }


def ids(rows: bytes) -> list[str]:
    """The request ids of rows with commas between them."""
    return [one["request_id"] for one in orjson.loads(b"[%b]" % rows)]


def files(folder: Path) -> list[Path]:
    """What lies in a spool's folder, oldest first."""
    return sorted(folder.iterdir())


def left_in(folder: Path) -> list[str]:
    """The request ids in a dead process's folder, oldest first; they stay there."""
    found: list[str] = []
    for path in files(folder):
        segment = Segment.adopt(path)
        assert segment, f"{path} is locked"
        batches = segment.recover()
        if segment.unsealed:
            batches.append(segment.seal(str(uuid.uuid4()), time.time()))
        for batch in batches:
            found += ids(segment.rows(batch))
        segment.close()
    return found


async def received(kafka: Kafka, wanted: set[str], *, seconds: float = 30) -> list[tuple[str, list[str]]]:
    """The events that carry `wanted` requests, in the order of the topic: (event id, request ids)."""
    await kafka.ensure_topics([TOPIC])
    consumer = kafka.consumer([TOPIC], None)
    found: list[tuple[str, list[str]]] = []
    missing = set(wanted)
    try:
        await consumer.start()
        for _ in range(int(seconds / 0.25)):
            batches = await consumer.getmany(timeout_ms=250)
            for record in itertools.chain.from_iterable(batches.values()):
                event = from_json(RequestsServed, record.value or b"")
                requests = [one.request_id for one in event.requests]
                if wanted & set(requests):
                    found.append((read_envelope(record.headers).id, requests))
                    missing -= set(requests)
            if not missing and not batches:
                return found
    finally:
        await consumer.stop()
    raise AssertionError(f"{len(missing)} of {len(wanted)} requests did not arrive")
