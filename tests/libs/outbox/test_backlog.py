"""Every replica shows how the outbox is, whichever relays; a stuck relay is seen by all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from libs.database import SYSTEM, Database
from libs.database.locks import Lock
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.outbox.metrics import Backlog
from tests.conftest import DatabaseFor
from tests.libs.ledger import fresh, noted, waiting
from tests.libs.waiting import eventually, running
from tools.stack import parts


def shown(name: str) -> float:
    return REGISTRY.get_sample_value(f"orrery_outbox_{name}") or 0.0


@asynccontextmanager
async def another_relays(database: Database) -> AsyncIterator[None]:
    """Some replica holds the lock and gets nowhere."""
    async with database.transaction(SYSTEM) as session:
        await session.execute(select(func.pg_advisory_xact_lock(Lock.RELAY, func.hashtext("ledger"))))
        yield


@pytest.fixture
async def relay(database: Database, kafka: Kafka) -> Relay:
    made = Relay(database, kafka, service="ledger", schema="ledger")
    while await made.relay_batch():
        pass
    return made


async def test_a_replica_that_does_not_relay_shows_what_waits(database: Database, relay: Relay) -> None:
    backlog = Backlog(database)
    async with another_relays(database):
        await noted(database, "one", "two", key=fresh())

        assert await relay.relay_batch() == 0
        await backlog.look()

        assert shown("waiting_events") == 2
        before = shown("oldest_seconds")
        assert before > 0
        assert shown("oldest_seconds") > before  # it grows, though nobody looks again


async def test_what_another_replica_has_sent_is_shown_no_more(database: Database, relay: Relay) -> None:
    backlog = Backlog(database)
    await noted(database, "one", key=fresh())
    await backlog.look()
    assert shown("oldest_seconds") > 0

    assert await relay.relay_batch() == 1
    await backlog.look()

    assert (shown("waiting_events"), shown("oldest_seconds")) == (0, 0)


async def test_a_look_that_fails_for_an_unforeseen_reason_is_told_and_is_not_the_last(
    database_for: DatabaseFor, postgres: parts.Postgres
) -> None:
    settings = database_for("ledger", "tests/libs/database/ledger")
    name = settings.dsn.get_secret_value().rpartition("/")[2]
    with psycopg.connect(postgres.dsn(database=name), autocommit=True) as administrator:
        administrator.execute("ALTER TABLE ledger.outbox RENAME created_at TO gone")
        async with Database(settings) as database, running(Backlog(database, 0.05)):
            with structlog.testing.capture_logs() as logs:
                await eventually(lambda: told_of(logs, "created_at"))

            administrator.execute("ALTER TABLE ledger.outbox RENAME gone TO created_at")
            await noted(database, "one", "two", "three")
            await eventually(lambda: shows("waiting_events", 3))


async def told_of(logs: list[Any], word: str) -> bool:
    return any(line["event"] == "metric_not_measured" and word in line["reason"] for line in logs)


async def shows(name: str, value: float) -> bool:
    return shown(name) == value


async def test_a_relay_that_was_cancelled_leaves_its_lock_to_the_next(database: Database, kafka: Kafka) -> None:
    first, second = [Relay(database, kafka, service="ledger", schema="ledger") for _ in range(2)]
    async with running(first):
        await noted(database, "one", key=fresh())
        await eventually(lambda: sent(database))

    await noted(database, "two", key=fresh())

    assert await second.relay_batch() == 1


async def sent(database: Database) -> bool:
    return await waiting(database) == 0
