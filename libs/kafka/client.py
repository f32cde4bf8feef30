"""One process's way to the brokers. Nothing here needs them at start: a service comes up while Kafka is away."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from libs.settings import KafkaSettings
from libs.telemetry import get_logger

log = get_logger(__name__)
REQUEST_MS = 5_000
SEND_SECONDS = 10.0
PARTITIONS = 4


class KafkaAway(ConnectionError):
    """The brokers do not answer, or did not take what was sent; it may have arrived all the same."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be sent; one key's records stay in order."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Kafka:
    """Producer, consumers, topics. Enter it once per process."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._brokers = settings.brokers
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._producer:
            await self._producer.stop()

    async def send(self, records: Sequence[Record]) -> None:
        """Return when every in-sync replica has all records, in order per key; raises KafkaAway within 10 s."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                producer = await self._started()
                sent = [await producer.send(one.topic, one.value, key=one.key, headers=one.headers) for one in records]
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as failure:
            await self._drop()
            raise KafkaAway("Kafka does not take records.") from failure

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._brokers,
                    enable_idempotence=True,
                    request_timeout_ms=REQUEST_MS,
                    compression_type="gzip",
                    linger_ms=0,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _drop(self) -> None:
        """Forget a producer that failed: its idempotent state may wait for an answer that never comes."""
        producer, self._producer = self._producer, None
        if producer:
            stopping = asyncio.create_task(producer.stop())
            await asyncio.wait([stopping], timeout=1.0)

    def consumer(self, topics: Iterable[str], group: str | None, **options: Any) -> AIOKafkaConsumer:
        """A consumer that commits by hand and reads from the beginning of what it never saw; not yet started."""
        return AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._brokers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            request_timeout_ms=REQUEST_MS,
            session_timeout_ms=10_000,
            metadata_max_age_ms=10_000,
            **options,
        )

    async def ensure_topics(self, topics: Iterable[str], partitions: int = PARTITIONS) -> None:
        """Make the topics that are missing; raises KafkaAway."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._brokers, request_timeout_ms=REQUEST_MS)
        try:
            await admin.start()
            wanted = set(topics) - set(await admin.list_topics())
            new = [NewTopic(name, num_partitions=partitions, replication_factor=-1) for name in sorted(wanted)]
            if new:
                await admin.create_topics(new)
                log.info("topics_made", topics=sorted(wanted))
        except TopicAlreadyExistsError:
            log.debug("topics_made_by_another")
        except (KafkaError, OSError) as failure:
            raise KafkaAway("Kafka does not answer.") from failure
        finally:
            await admin.close()

    async def answers(self) -> bool:
        """Whether the brokers answer now."""
        try:
            async with asyncio.timeout(2.0):
                producer = await self._started()
                await producer.client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True
