"""Dead letters: what a consumer put aside, and putting it back, or away.

Each replayed letter goes to its own topic again, under its own id: the group that failed tries anew, all others find it
in their inbox. How far the letters are dealt with is the offset of the group `<group>.replay`; those before it are then
deleted, for Kafka forgets the offsets of a group that has been quiet for a week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import RecordsToDelete

from libs.inbox.consumer import dead_letters
from libs.kafka import Kafka, KafkaAway, Record
from libs.telemetry import get_logger

log = get_logger(__name__)
SUFFIX = ".dlq"
REPLAYER = "replay"
MARK = "dlq_"
POLL_MS = 1_000


class Fate(Enum):
    """What becomes of a letter."""

    REPLAYED = "replayed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter that nobody has dealt with."""

    partition: int
    offset: int
    at: datetime
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]

    @property
    def id(self) -> str:
        """`partition:offset`, as the commands take it."""
        return f"{self.partition}:{self.offset}"

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, b"").decode(errors="replace")

    @property
    def reason(self) -> str:
        """Why it was put aside."""
        return self.header(f"{MARK}reason")


@dataclass(frozen=True, slots=True)
class Heap:
    """The dead letters of one group for one topic."""

    topic: str
    group: str

    @property
    def name(self) -> str:
        return dead_letters(self.topic, self.group)

    @property
    def replayer(self) -> str:
        return f"{self.group}.{REPLAYER}"


async def heaps(kafka: Kafka) -> list[Heap]:
    """Every dead-letter topic that there is, by name; raises KafkaAway."""
    async with kafka.administering() as admin:
        names = sorted(await admin.list_topics())
    return [found for name in names if (found := heap(name, names))]


def heap(name: str, topics: Sequence[str]) -> Heap | None:
    """`<topic>.<group>.dlq` taken apart by the topics that there are: both halves may have dots."""
    begins = [topic for topic in topics if name.startswith(f"{topic}.") and not topic.endswith(SUFFIX)]
    if not name.endswith(SUFFIX) or not begins:
        return None
    topic = max(begins, key=len)
    return Heap(topic, name.removeprefix(f"{topic}.").removesuffix(SUFFIX))


async def waiting(kafka: Kafka, one: Heap) -> list[Letter]:
    """The letters not dealt with, the oldest first. Raises LookupError where there is no such topic, KafkaAway."""
    consumer = await opened(kafka, one)
    try:
        letters = [as_letter(found) for found in await read(consumer)]
    finally:
        await consumer.stop()
    return sorted(letters, key=lambda letter: (letter.at, letter.partition, letter.offset))


async def settle(kafka: Kafka, one: Heap, fate: Fate, chosen: str = "") -> int:
    """Replay or drop every letter that waits now, or the one with the id `chosen`; answers how many.

    Of a chosen one's partition the letters before it go to the back of the heap, and nothing is deleted until they are
    there: Kafka forgets only from the front. A run that is broken off may replay a letter twice, which the inbox hides,
    or leave some twice in the heap. Raises LookupError, KafkaAway.
    """
    consumer = await opened(kafka, one)
    try:
        found = await read(consumer)
        done, records, ends = plan(one, fate, found, chosen)
        if chosen and not done:
            raise LookupError(f"No letter {chosen} waits in {one.name}.")
        await kafka.send(records)
        if ends:
            await consumer.commit(ends)
        dealt = {partition: await consumer.committed(partition) or 0 for partition in consumer.assignment()}
    finally:
        await consumer.stop()
    await delete(kafka, one, dealt)
    return done


async def delete(kafka: Kafka, one: Heap, dealt: Mapping[TopicPartition, int]) -> None:
    """Delete the letters before these offsets; where that is refused they end with the topic's retention."""
    before = {partition: RecordsToDelete(offset) for partition, offset in dealt.items() if offset}
    try:
        async with kafka.administering() as admin:
            await admin.delete_records(before)
    except KafkaAway as refused:
        log.warning("dead_letters_kept", topic=one.name, reason=str(refused.__cause__ or refused))


def plan(
    one: Heap, fate: Fate, found: Sequence["ConsumerRecord[bytes, bytes]"], chosen: str
) -> tuple[int, list[Record], dict[TopicPartition, int]]:
    """How many letters are dealt with, what is to be sent for it, and up to where each partition is done with then."""
    partition, _, offset = chosen.partition(":")
    done, records, ends = 0, list[Record](), dict[TopicPartition, int]()
    if chosen and chosen not in {f"{record.partition}:{record.offset}" for record in found}:
        return done, records, ends
    for record in found:
        if chosen and (str(record.partition) != partition or record.offset > int(offset)):
            continue
        is_meant = not chosen or str(record.offset) == offset
        if is_meant and fate is Fate.REPLAYED:
            records.append(again(one.topic, record))
        elif not is_meant:
            records.append(Record(one.name, record.key or b"", record.value or b"", list(record.headers)))
        done += is_meant
        ends[TopicPartition(one.name, record.partition)] = record.offset + 1
    return done, records, ends


def again(topic: str, record: "ConsumerRecord[bytes, bytes]") -> Record:
    headers = [(name, text) for name, text in record.headers if not name.startswith(MARK)]
    return Record(topic, record.key or b"", record.value or b"", headers)


async def opened(kafka: Kafka, one: Heap) -> AIOKafkaConsumer:
    """A consumer that stands where the last replay ended. It joins no group: nothing waits for a rebalance."""
    async with kafka.administering() as admin:
        if one.name not in await admin.list_topics():
            raise LookupError(f"There is no topic {one.name}.")
        [described] = await admin.describe_topics([one.name])
    consumer = kafka.consumer([], one.replayer)
    await consumer.start()
    consumer.assign([TopicPartition(one.name, found["partition"]) for found in described["partitions"]])
    return consumer


async def read(consumer: AIOKafkaConsumer) -> list["ConsumerRecord[bytes, bytes]"]:
    """What waits now, in order within each partition."""
    ends = await consumer.end_offsets(consumer.assignment())
    found = list[ConsumerRecord[bytes, bytes]]()
    while await is_behind(consumer, ends):
        batch = await consumer.getmany(timeout_ms=POLL_MS)
        found += [one for part, records in batch.items() for one in records if one.offset < ends[part]]
    return found


async def is_behind(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    return any([await consumer.position(partition) < end for partition, end in ends.items()])


def as_letter(record: "ConsumerRecord[bytes, bytes]") -> Letter:
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Letter(record.partition, record.offset, at, record.key or b"", record.value or b"", record.headers)
