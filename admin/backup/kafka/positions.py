"""How far the groups are, and moving them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from admin.backup.errors import BackupImpossible
from admin.backup.kafka.asking import answering
from libs.inbox.letters import Heap, heap
from libs.kafka import Kafka

OURS = "orrery."
Topics = Mapping[str, Sequence[str]]
Offsets = dict[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Positions:
    """One moment of Kafka."""

    groups: dict[str, tuple[str, ...]]
    """Each group's topics."""
    ranges: dict[TopicPartition, tuple[int, int]]
    """From the first record that some group has not taken in, to the end; partitions without any are left out."""


async def positions(kafka: Kafka) -> Positions:
    """Groups first, ends after them: what a group takes in meanwhile is in its inbox. Raises KafkaAway."""
    async with kafka.administering() as admin:
        found = {group: await offsets(admin, group) for group in await groups(admin)}
        taken = {group: (topics_of(at), at) for group, at in found.items() if at}
        for dead in dead_letters(await ours(admin)):
            topics, at = taken.get(dead.replayer, ((), {}))
            taken[dead.replayer] = (tuple(sorted({*topics, dead.name})), at)
        partitions = await partitions_of(admin, {topic for topics, _ in taken.values() for topic in topics})
    starts, ends = await edges(kafka, partitions)
    spans = {one: (first(one, taken.values(), starts[one]), ends[one]) for one in partitions}
    return Positions(
        {group: topics for group, (topics, _) in taken.items()},
        {one: (start, end) for one, (start, end) in spans.items() if start < end},
    )


def first(one: TopicPartition, taken: Iterable[tuple[Sequence[str], Offsets]], start: int) -> int:
    """The first record of the partition that one of its groups has not taken in."""
    return min((max(start, at.get(one, start)) for topics, at in taken if one.topic in topics), default=start)


def topics_of(at: Offsets) -> tuple[str, ...]:
    return tuple(sorted({one.topic for one in at}))


def dead_letters(topics: Sequence[str]) -> list[Heap]:
    """Who replays them has no offsets until the first time."""
    return [found for name in topics if (found := heap(name, topics))]


async def groups(admin: AIOKafkaAdminClient) -> list[str]:
    return sorted(name for name, *_ in await admin.list_consumer_groups())


async def offsets(admin: AIOKafkaAdminClient, group: str) -> Offsets:
    """Of the fleet's topics; none for a group of somebody else's. Raises KafkaError.

    The admin client's own method never reads the answer's error and would call a group without offsets what it is not.
    """
    asked = OffsetFetchRequest(group, None)
    found = read(await admin._send_request(asked, await admin.find_coordinator(group)))  # noqa: SLF001  # see above
    return {one: at for one, at in found.items() if one.topic.startswith(OURS) and at >= 0}


def read(answer: Any) -> Offsets:
    """What an OffsetFetchResponse says; raises KafkaError where it is that it cannot."""
    parts = [(topic, *part) for topic, parts in answer.topics for part in parts]
    for code in (answer.error_code, *(code for *_, code in parts)):
        if code:
            raise for_code(code)("Kafka does not say how far a group is.")
    return {TopicPartition(topic, number): offset for topic, number, offset, _, _ in parts}


async def ours(admin: AIOKafkaAdminClient) -> list[str]:
    return sorted(name for name in await admin.list_topics() if name.startswith(OURS))


async def partitions_of(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    wanted = sorted(topics)
    found = await admin.describe_topics(wanted) if wanted else []
    return [TopicPartition(one["topic"], part["partition"]) for one in found for part in one["partitions"]]


async def edges(kafka: Kafka, partitions: Sequence[TopicPartition]) -> tuple[Offsets, Offsets]:
    """Where each begins and ends now."""
    if not partitions:
        return {}, {}
    reader = kafka.consumer([], None)
    reader.assign(list(partitions))
    with answering():
        try:
            await reader.start()
            return await reader.beginning_offsets(partitions), await reader.end_offsets(partitions)
        finally:
            await reader.stop()


async def busy(kafka: Kafka, names: Iterable[str]) -> list[str]:
    """Those groups that somebody consumes for now: they refuse to be told where they are. Raises KafkaAway."""
    async with kafka.administering() as admin:
        known = set(names) & set(await groups(admin))
        found = {group: await offsets(admin, group) for group in sorted(known)}
    return [group for group, at in found.items() if at and not await commit(kafka, group, at)]


async def move_to_end(kafka: Kafka, of: Topics) -> None:
    """Have each group pass over all that is in its topics now; makes topics that are missing. Raises KafkaAway."""
    await kafka.ensure_topics({topic for topics in of.values() for topic in topics})
    for group, topics in of.items():
        async with kafka.administering() as admin:
            partitions = await partitions_of(admin, topics)
        _, ends = await edges(kafka, partitions)
        if not await commit(kafka, group, ends):
            raise BackupImpossible(f"Somebody consumes for the group {group}: it cannot be moved.")


async def commit(kafka: Kafka, group: str, at: Offsets) -> bool:
    """Whether the group goes on there now; it does not while somebody consumes for it. Raises KafkaAway."""
    reader = kafka.consumer([], group)
    reader.assign(list(at))
    with answering():
        try:
            await reader.start()
            await reader.commit(at)
        except CommitFailedError:
            return False
        finally:
            await reader.stop()
    return True
