"""One process's way to the brokers. Nothing here needs them at start: a service comes up while Kafka is away."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from libs.kafka.security import Admittance, security
from libs.settings import KafkaSettings
from libs.telemetry import Check, get_logger

log = get_logger(__name__)
REQUEST_MS = 5_000
SEND_SECONDS = 10.0
GRACE_SECONDS = 1.0
PARTITIONS = 4
COPIES = 3  # of each topic, where there are so many brokers


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
        way = security(settings)
        self._way = {"bootstrap_servers": settings.brokers, **way}
        self._admittance = Admittance(settings.brokers, way)
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._producer:
            stopping = asyncio.create_task(self._producer.stop())
            await asyncio.wait([stopping], timeout=GRACE_SECONDS)  # it would wait for delivery without limit
            if not stopping.done():
                self._drop(self._producer)
        if self._ending:
            await asyncio.wait(self._ending, timeout=SEND_SECONDS)

    async def send(self, records: Sequence[Record]) -> None:
        """Return when every in-sync replica has all records, in order per key; raises KafkaAway within 10 s."""
        producer = None
        try:
            async with asyncio.timeout(SEND_SECONDS):
                producer = await self._started()
                sent = [await producer.send(one.topic, one.value, key=one.key, headers=one.headers) for one in records]
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as failure:
            self._drop(producer)
            raise KafkaAway("Kafka does not take records.") from failure

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._way,
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

    def _drop(self, producer: AIOKafkaProducer | None) -> None:
        """Forget a producer that failed: being idempotent, it would go on sending what it holds, beside the next."""
        if producer is not None and producer is self._producer:
            self._producer = None
            ending = asyncio.create_task(abandon(producer))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def consumer(self, topics: Iterable[str], group: str | None, **options: Any) -> AIOKafkaConsumer:
        """A consumer that commits by hand and reads from the beginning of what it never saw; not yet started."""
        return Reader(
            *topics,
            **self._way,
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
        async with self.administering() as admin:
            wanted = sorted(set(topics) - set(await admin.list_topics()))
            if wanted:
                copies = min(COPIES, len((await admin.describe_cluster())["brokers"]))
                made = await admin.create_topics([NewTopic(name, partitions, copies) for name in wanted])
                refuse_failed(made.topic_errors)
                log.info("topics_made", topics=wanted)

    @asynccontextmanager
    async def administering(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """A client that asks about topics and groups and changes them; raises KafkaAway, also for what is asked."""
        admin = AIOKafkaAdminClient(**self._way, request_timeout_ms=REQUEST_MS)
        try:
            await admin.start()
            yield admin
        except (KafkaError, OSError) as failure:
            raise KafkaAway("Kafka does not answer.") from failure
        finally:
            await admin.close()

    @property
    def checks(self) -> dict[str, Check]:
        """What a process's readiness asks: nothing where the brokers let everybody in."""
        return {"kafka": self._admittance.is_given} if self._way["security_protocol"] != "PLAINTEXT" else {}

    async def answers(self) -> bool:
        """Whether the brokers answer now."""
        try:
            async with asyncio.timeout(2.0):
                producer = await self._started()
                await producer.client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True


class Reader(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka ships no types
    """A consumer whose `stop()` ends only itself.

    aiokafka's cancels tasks of its own and lets their CancelledError out when brokers are away: the loop that consumes
    would end without a word, as if it had been cancelled by its process.
    """

    async def stop(self) -> None:
        stopping = asyncio.create_task(super().stop())
        await asyncio.wait([stopping])
        if stopping.cancelled():
            await self._client.close()  # what was left to do
        else:
            stopping.result()


async def abandon(producer: AIOKafkaProducer) -> None:
    """End a producer without delivering what it holds, which its own stop() does not know how to do."""
    producer._closed = True  # noqa: SLF001  # or its destructor complains
    sending = producer._sender.sender_task  # noqa: SLF001  # nothing public ends it
    sending.cancel()
    await asyncio.wait([sending])
    await producer.client.close()


def refuse_failed(answers: Iterable[Sequence[Any]]) -> None:
    """Raise the first error of (topic, code, …); one that another process made meanwhile is none."""
    for name, code, *_ in answers:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(name)
