"""Puts dead letters back: `python -m libs.inbox.replay TOPIC GROUP`.

Each goes to its own topic again, under its own id: the group that failed tries anew, all others find it in their inbox.
"""

import asyncio
import sys

from libs.inbox.consumer import dead_letters
from libs.kafka import Kafka, Record
from libs.settings import KafkaSettings, Settings

REPLAYER = "replay"


class ReplaySettings(Settings):
    kafka: KafkaSettings


async def replay(kafka: Kafka, topic: str, group: str) -> int:
    """Send every dead letter not yet replayed back to `topic`; answers how many."""
    consumer = kafka.consumer([dead_letters(topic, group)], f"{group}.{REPLAYER}")
    await consumer.start()
    sent = 0
    try:
        while batch := await consumer.getmany(timeout_ms=3_000):
            letters = [letter for letters in batch.values() for letter in letters]
            await kafka.send([again(topic, one.key or b"", one.value or b"", list(one.headers)) for one in letters])
            await consumer.commit()
            sent += len(letters)
    finally:
        await consumer.stop()
    return sent


def again(topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> Record:
    return Record(topic, key, value, [(name, text) for name, text in headers if not name.startswith("dlq_")])


async def main(topic: str, group: str) -> None:
    async with Kafka(ReplaySettings.read().kafka) as kafka:
        sys.stdout.write(f"{await replay(kafka, topic, group)} events put back\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
