"""Keeping events, and sending them again."""

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from io import BufferedRandom
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from admin.backup import checks
from admin.backup.errors import BackupBroken, CopyFailed
from admin.backup.kafka.asking import answering, patiently
from admin.backup.manifest import Events, path
from admin.backup.stores import Store
from admin.backup.stores.reading import reading
from admin.backup.stores.store import CHUNK
from libs.kafka import Kafka, Record

AT_ONCE = 500
SILENCE_MS = 30_000
Ranges = Mapping[TopicPartition, tuple[int, int]]


async def keep(kafka: Kafka, ranges: Ranges, store: Store, backup: str) -> Events:
    """Copy these records into the backup; raises CopyFailed where Kafka does not give them."""
    count = 0
    with TemporaryFile() as draft:  # they come by another loop than the store writes in
        with gzip.GzipFile(fileobj=draft, mode="wb", mtime=0) as packed, answering():
            async for record in records(kafka, ranges):
                packed.write(line(record))
                count += 1
        draft.seek(0)
        kept = checks.write(store, path(backup, "events.jsonl.gz"), chunks(draft))
    return Events(**kept.model_dump(), count=count)


async def records(kafka: Kafka, ranges: Ranges) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """All records of the ranges, each partition's in order."""
    for partition, (start, end) in sorted(ranges.items()):
        reader = kafka.consumer([], None)
        reader.assign([partition])
        try:
            await reader.start()
            reader.seek(partition, start)
            while await reader.position(partition) < end:
                found = (await reader.getmany(timeout_ms=SILENCE_MS)).get(partition, [])
                if not found and await reader.position(partition) < end:
                    raise CopyFailed(f"Kafka gives no records of {partition.topic}, partition {partition.partition}.")
                for record in found:
                    if record.offset < end:
                        yield record
        finally:
            await reader.stop()


def line(record: ConsumerRecord[bytes, bytes]) -> bytes:
    told = {
        "topic": record.topic,
        "key": text(record.key or b""),
        "value": text(record.value or b""),
        "headers": [[name, text(value)] for name, value in record.headers],
    }
    return json.dumps(told).encode() + b"\n"


def text(value: bytes) -> str:
    return b64encode(value).decode()


def chunks(file: "BufferedRandom | Any") -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


async def send_again(kafka: Kafka, store: Store, events: Events) -> int:
    """Send the kept events, in their order; raises KafkaAway, BackupBroken. Sent twice they have the same ids."""
    found, sent = unpacked(store, events), 0
    while some := list(islice(found, AT_ONCE)):
        await patiently(partial(send, kafka, some))
        sent += len(some)
    return sent


async def send(kafka: Kafka, some: Sequence[Record]) -> None:
    await kafka.ensure_topics({one.topic for one in some})
    await kafka.send(some)


def unpacked(store: Store, events: Events) -> Iterator[Record]:
    try:
        for told in lines(checks.read(store, events)):
            one = json.loads(told)
            headers = [(name, b64decode(value)) for name, value in one["headers"]]
            yield Record(one["topic"], b64decode(one["key"]), b64decode(one["value"]), headers)
    except (OSError, EOFError, zlib.error, ValueError, KeyError):
        raise BackupBroken(f"{events.file} cannot be read.") from None


def lines(packed: Iterable[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=reading(packed)) as file:
        yield from file
