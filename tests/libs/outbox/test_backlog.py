"""Every replica shows how the outbox is, whichever relays; a stuck relay is seen by all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from libs.database import SYSTEM, Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.outbox.metrics import Backlog
from libs.outbox.relay import RELAY_LOCK
from tests.libs.ledger import fresh, noted, waiting
from tests.libs.waiting import eventually, running


def shown(name: str) -> float:
    return REGISTRY.get_sample_value(f"orrery_outbox_{name}") or 0.0


@asynccontextmanager
async def another_relays(database: Database) -> AsyncIterator[None]:
    """Some replica holds the lock and gets nowhere."""
    async with database.transaction(SYSTEM) as session:
        await session.execute(select(func.pg_advisory_xact_lock(RELAY_LOCK, func.hashtext("ledger"))))
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


async def test_a_relay_that_was_cancelled_leaves_its_lock_to_the_next(database: Database, kafka: Kafka) -> None:
    first, second = [Relay(database, kafka, service="ledger", schema="ledger") for _ in range(2)]
    async with running(first):
        await noted(database, "one", key=fresh())
        await eventually(lambda: sent(database))

    await noted(database, "two", key=fresh())

    assert await second.relay_batch() == 1


async def sent(database: Database) -> bool:
    return await waiting(database) == 0
