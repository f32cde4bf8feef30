"""How many events wait for a consumer: asked of the brokers every few seconds, never for each event."""

import asyncio
from collections.abc import Iterable, Mapping, Sized
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.inbox.metrics import LAG, PROGRESS
from libs.telemetry import watch

EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 5.0


class Lag:
    """Measures beside a consumer that has started; what it shows ends with its block, for others take over then."""

    def __init__(
        self, consumer: AIOKafkaConsumer, group: str, topics: Iterable[str], every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._consumer, self._group, self._topics = consumer, group, list(topics)
        self._every_seconds = every_seconds
        self._taken: dict[TopicPartition, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._show({})
        self._task = asyncio.create_task(watch(f"lag of {self._group}", self.measure, self._every_seconds))
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._show({})

    def taken(self, batch: Mapping[TopicPartition, Sized]) -> None:
        """These were fetched: the consumer's position is beyond them, and nothing has become of them yet."""
        self._taken = {partition: len(records) for partition, records in batch.items()}

    def settled(self, partition: TopicPartition) -> None:
        """One of them is done with."""
        self._taken[partition] -= 1

    async def measure(self) -> None:
        """Ask once; raises KafkaError and TimeoutError."""
        behind = dict.fromkeys(self._topics, 0)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assigned = sorted(self._consumer.assignment())
            ends = await self._consumer.end_offsets(assigned) if assigned else {}
            for partition, end in ends.items():
                unread = max(0, end - await self._consumer.position(partition))
                behind[partition.topic] += unread + self._taken.get(partition, 0)
        self._show(behind)
        if not any(behind.values()):
            PROGRESS.labels(self._group).set_to_current_time()

    def _show(self, behind: Mapping[str, int]) -> None:
        for topic in self._topics:
            LAG.labels(self._group, topic).set(behind.get(topic, 0))
