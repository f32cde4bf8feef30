"""Revocations by a real broker."""

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated, SessionRevoked, SessionStarted

from gateway.identity import Revocations
from gateway.identity.revocations import TOPIC
from libs.kafka import Envelope, Kafka, Record, to_json
from libs.settings import KafkaSettings
from tools.stack import parts


@pytest.fixture
async def kafka(kafka_settings: KafkaSettings) -> AsyncIterator[Kafka]:
    async with Kafka(kafka_settings) as entered:
        await entered.ensure_topics([TOPIC])
        yield entered


@pytest.fixture
async def follow(kafka: Kafka) -> AsyncIterator[Callable[[], Revocations]]:
    """Starts a gateway's revocations."""
    running: list[asyncio.Task[None]] = []

    def start() -> Revocations:
        made = Revocations(kafka)
        running.append(asyncio.create_task(made.run()))
        return made

    yield start
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def revoke(kafka: Kafka, session: str, *, ago: float = 0) -> None:
    when = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ago)
    event = SessionRevoked(user_id=7, session_id=session, reason="logout")
    envelope = Envelope(str(uuid.uuid4()), event.DESCRIPTOR.full_name, "auth", TOPIC, session, when)
    await kafka.send([Record(TOPIC, session.encode(), to_json(event), envelope.headers())])


async def known(revocations: Revocations, *sessions: str, seconds: float = 15) -> bool:
    async with asyncio.timeout(seconds):
        while not all(is_over(revocations, session) for session in sessions):  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.01)
    return True


def is_over(revocations: Revocations, session: str) -> bool:
    return revocations.ended.is_over(f"session:{session}")


async def test_every_gateway_hears_of_every_revocation(kafka: Kafka, follow: Callable[[], Revocations]) -> None:
    gateways = [follow(), follow()]
    for gateway in gateways:
        assert await gateway.catch_up(15)
    sessions = [str(uuid.uuid4()) for _ in range(8)]

    for session in sessions:
        await revoke(kafka, session)

    assert [await known(gateway, *sessions) for gateway in gateways] == [True, True]


async def test_a_gateway_that_starts_knows_what_was_revoked_before(
    kafka: Kafka, follow: Callable[[], Revocations]
) -> None:
    session = str(uuid.uuid4())
    await revoke(kafka, session)

    gateway = follow()

    assert await gateway.catch_up(15)
    assert is_over(gateway, session)


async def test_events_of_another_kind_and_junk_are_passed_over(kafka: Kafka, follow: Callable[[], Revocations]) -> None:
    session, started = str(uuid.uuid4()), SessionStarted(user_id=7, session_id="started")
    other = Envelope(str(uuid.uuid4()), started.DESCRIPTOR.full_name, "auth", TOPIC, "7", dt.datetime.now(dt.UTC))
    broken = Envelope(str(uuid.uuid4()), SessionRevoked.DESCRIPTOR.full_name, "auth", TOPIC, "7", other.time)
    gateway = follow()

    await kafka.send([Record(TOPIC, b"7", to_json(started), other.headers())])
    await kafka.send([Record(TOPIC, b"7", b"no JSON", broken.headers()), Record(TOPIC, b"7", b"{}", [])])
    await revoke(kafka, session)

    assert await known(gateway, session)
    assert not is_over(gateway, "started")


async def test_other_credentials_are_heard_of_by_kind_and_id(kafka: Kafka, follow: Callable[[], Revocations]) -> None:
    gateway, account = follow(), str(uuid.uuid4())
    before = time.time_ns() // 1_000_000
    event = CredentialsInvalidated(kind="account", id=account, user_id=7, reason="suspended")
    envelope = Envelope(str(uuid.uuid4()), event.DESCRIPTOR.full_name, "auth", TOPIC, account, dt.datetime.now(dt.UTC))

    await kafka.send([Record(TOPIC, account.encode(), to_json(event), envelope.headers())])
    await revoke(kafka, account)
    assert await known(gateway, account)

    names = (f"account:{account}",)
    assert gateway.ended.outdates(names, before)
    assert not gateway.ended.outdates(names, time.time_ns() // 1_000_000 + 1_000)


@pytest.mark.parametrize("silence", [0.2, 60], ids=["noticed", "unnoticed"])
async def test_a_broker_that_was_away_leaves_no_gap(silence: float) -> None:
    with parts.Kafka.ephemeral() as broker:
        async with Kafka(KafkaSettings(brokers=broker.address)) as kafka:
            gateway = Revocations(kafka, silence_seconds=silence)
            following = asyncio.create_task(gateway.run())
            assert await gateway.catch_up(30)
            before, after = str(uuid.uuid4()), str(uuid.uuid4())
            await revoke(kafka, before)
            assert await known(gateway, before)

            await asyncio.to_thread(broker.stop)
            assert not broker.is_healthy()
            await asyncio.sleep(3)
            assert is_over(gateway, before)
            assert not following.done()
            await asyncio.to_thread(broker.start)
            await revoke(kafka, after)

            assert await known(gateway, after, seconds=60)
            following.cancel()
            await asyncio.wait([following])


async def test_without_kafka_the_gateway_goes_on_and_says_so() -> None:
    gateway = Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1")))
    following = asyncio.create_task(gateway.run())

    caught_up = await gateway.catch_up(0.5)

    assert caught_up is False
    assert not following.done()
    gateway.ended.add("session:by hand", time.time_ns() // 1_000_000)
    assert is_over(gateway, "by hand")
    following.cancel()
    await asyncio.wait([following])
