"""Puts dead letters back: `python -m libs.inbox.replay TOPIC GROUP`.

Each goes to its own topic again, under its own id: the group that failed tries anew, all others find it in their inbox.
"""

import asyncio
import sys
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from libs.inbox.consumer import dead_letters
from libs.kafka import Kafka, KafkaAway, Record
from libs.settings import KafkaSettings, Settings

REPLAYER = "replay"
ARGUMENTS = 3


class ReplaySettings(Settings):
    kafka: KafkaSettings


async def replay(kafka: Kafka, topic: str, group: str) -> int:
    """Send every dead letter not yet replayed back to `topic`; answers how many. One that fails anew waits for the next
    replay. Raises LookupError where the group has no dead letters' topic, KafkaAway.
    """
    name = dead_letters(topic, group)
    consumer = kafka.consumer([name], f"{group}.{REPLAYER}")
    sent = 0
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        while await is_behind(consumer, ends):
            batch = await consumer.getmany(timeout_ms=1_000)
            letters = [letter for letters in batch.values() for letter in letters]
            await kafka.send([again(topic, one.key or b"", one.value or b"", list(one.headers)) for one in letters])
            await consumer.commit()
            sent += len(letters)
    except UnknownTopicOrPartitionError:
        raise LookupError(f"There is no topic {name}.") from None
    finally:
        await consumer.stop()
    return sent


async def is_behind(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    return any([await consumer.position(partition) < end for partition, end in ends.items()])


def again(topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> Record:
    return Record(topic, key, value, [(name, text) for name, text in headers if not name.startswith("dlq_")])


async def main(topic: str, group: str) -> None:
    async with Kafka(ReplaySettings.read().kafka) as kafka:
        try:
            sys.stdout.write(f"{await replay(kafka, topic, group)} events put back\n")
        except (LookupError, KafkaAway) as failure:
            sys.exit(str(failure))


if __name__ == "__main__":
    if len(sys.argv) != ARGUMENTS:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
