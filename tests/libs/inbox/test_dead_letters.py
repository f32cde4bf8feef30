"""What fails is tried again, then put aside with its reason, and can be put back; nothing that is away counts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from libs.database import Database
from libs.database.migrate import upgrade
from libs.database.provision import provision
from libs.inbox.consumer import ATTEMPTS
from libs.inbox.letters import Fate, Heap, settle
from libs.kafka import Kafka, Record
from libs.kafka.envelope import read_envelope
from libs.settings import DatabaseSettings
from tests.libs.generated import TOPIC
from tests.libs.inbox.conftest import Handler, at_the_end, has, letters, record, settled
from tests.libs.ledger import fresh
from tests.libs.waiting import eventually, running
from tools.stack import parts


async def test_a_failure_that_passes_leaves_one_effect(database: Database, kafka: Kafka, handler: Handler) -> None:
    words = fresh()
    handler.failures = {words: ATTEMPTS - 1}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, handler, kafka)

    assert handler.attempts.count(words) == ATTEMPTS
    assert (await handler.effects(database)).count(words) == 1
    assert not await letters(kafka, handler.group)


async def test_a_failure_that_stays_is_put_aside_with_its_reason_and_leaves_no_effect(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    words = fresh()
    poison = record(words)
    handler.failures = {words: 1_000}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([poison])
        await settled(database, handler, kafka)

    [letter] = await letters(kafka, handler.group)
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (poison.key, poison.value)
    assert headers["dlq_reason"].decode() == f"LookupError: {words} is not ready"
    assert read_envelope(letter.headers).topic == TOPIC
    assert handler.attempts.count(words) == ATTEMPTS
    assert words not in await handler.effects(database)


async def test_a_record_that_cannot_be_read_is_put_aside_at_once(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    good = record(fresh())
    unreadable = [
        Record(TOPIC, b"one", b"{", good.headers),
        Record(TOPIC, b"one", good.value, []),
        Record(TOPIC, b"", b"", [("ce_id", b"\xff")]),
    ]

    async with running(handler.consumer(database, kafka)):
        await kafka.send(unreadable)
        await settled(database, handler, kafka)

    found = await letters(kafka, handler.group)
    assert sorted(one.value or b"" for one in found) == sorted(one.value for one in unreadable)
    assert all(dict(one.headers)["dlq_reason"] for one in found)


async def test_a_replay_lets_the_failing_group_try_anew_and_all_others_be(database: Database, kafka: Kafka) -> None:
    failing, other = [await at_the_end(kafka, Handler()) for _ in range(2)]
    words = fresh()
    failing.failures = {words: ATTEMPTS}

    async with running(failing.consumer(database, kafka), other.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, failing, kafka)
        await settled(database, other, kafka)
        assert words not in await failing.effects(database)
        assert await settle(kafka, Heap(TOPIC, failing.group), Fate.REPLAYED) == 1
        await eventually(lambda: has(database, failing, words))
        await settled(database, other, kafka)
        assert await settle(kafka, Heap(TOPIC, failing.group), Fate.REPLAYED) == 0

    assert failing.attempts.count(words) == ATTEMPTS + 1
    assert (await other.effects(database)).count(words) == 1


async def test_a_letter_that_fails_anew_waits_for_the_next_replay(
    database: Database, kafka: Kafka, handler: Handler
) -> None:
    words = fresh()
    handler.failures = {words: 2 * ATTEMPTS}

    async with running(handler.consumer(database, kafka)):
        await kafka.send([record(words)])
        await settled(database, handler, kafka)
        for _ in range(2):
            assert await settle(kafka, Heap(TOPIC, handler.group), Fate.REPLAYED) == 1
            await settled(database, handler, kafka)

    assert (await handler.effects(database)).count(words) == 1
    assert await letters(kafka, handler.group) == []


async def test_a_replay_of_a_group_without_dead_letters_says_so(kafka: Kafka) -> None:
    with pytest.raises(LookupError, match=r"There is no topic made_up\.ledger\.v1\.nobody\.dlq"):
        await settle(kafka, Heap(TOPIC, "nobody"), Fate.REPLAYED)


@pytest.fixture
async def own_database() -> AsyncIterator[tuple[parts.Postgres, Database]]:
    """A PostgreSQL that a test may stop, with the ledger in it."""
    with parts.Postgres.ephemeral() as server:
        provision(server.dsn(), "ledger", "x", "x")
        upgrade(Path("tests/libs/database/ledger"), server.dsn(user="ledger_owner", password="x"))
        dsn = SecretStr(server.dsn(user="ledger_app", password="x"))
        async with Database(DatabaseSettings(dsn=dsn, pool_size=3)) as database:
            yield server, database


async def test_events_wait_for_a_database_that_is_away_and_none_is_put_aside(
    own_database: tuple[parts.Postgres, Database], kafka: Kafka, handler: Handler
) -> None:
    server, database = own_database
    texts = [fresh() for _ in range(3)]
    async with running(handler.consumer(database, kafka)):
        await settled(database, handler, kafka)
        server.stop()
        await kafka.send([record(words) for words in texts])
        await asyncio.sleep(3.0)  # time to fail in
        server.start()
        await settled(database, handler, kafka)

    effects = await handler.effects(database)
    assert [words for words in effects if words in texts] == texts
    assert not await letters(kafka, handler.group)
