"""One transaction a call, for one tenant, and what its failures are called."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.database import SYSTEM, Database, DatabaseAway, DatabaseBusy, Tenant
from libs.settings import DatabaseSettings
from tests.libs.database.ledger.entries.models import Entry
from tests.libs.database.rows import add, count, tenant
from tools.stack import parts

SETTINGS = text(
    "SELECT current_setting('app.user_id', true), current_setting('app.organization_id', true),"
    " current_setting('app.system', true)"
)


@pytest.fixture
async def single(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """A database with one pooled connection, so that each transaction follows the last on it."""
    async with Database(DatabaseSettings(dsn=settings.dsn, pool_size=1)) as opened:
        yield opened


async def test_what_a_block_writes_is_there_when_it_ended(database: Database) -> None:
    ours = tenant()

    await add(database, ours)

    assert await count(database, ours) == 1


async def test_what_a_block_writes_that_raises_is_not(database: Database) -> None:
    ours = tenant()

    async def fail_halfway() -> None:
        async with database.transaction(ours) as session:
            session.add(Entry(organization_id=uuid.UUID(ours.organization_id)))
            await session.flush()
            raise LookupError("halfway")

    with pytest.raises(LookupError, match="halfway"):
        await fail_halfway()

    assert await count(database, ours) == 0


async def test_a_block_that_is_cancelled_leaves_nothing_and_gives_its_connection_back(single: Database) -> None:
    ours, began = tenant(), asyncio.Event()

    async def slow() -> None:
        async with single.transaction(ours) as session:
            session.add(Entry(organization_id=uuid.UUID(ours.organization_id)))
            await session.flush()
            began.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(slow())
    await began.wait()
    task.cancel()
    await asyncio.wait([task])

    assert await count(single, ours) == 0


async def test_each_tenant_sees_its_own_rows_the_unset_none_and_the_system_all(database: Database) -> None:
    ours, theirs = tenant(), tenant()
    await add(database, ours)
    await add(database, theirs)
    await add(database, theirs)

    assert await count(database, ours) == 1
    assert await count(database, theirs) == 2
    assert await count(database, tenant()) == 0
    assert await count(database, Tenant()) == 0
    assert await count(database, Tenant(user_id=7)) == 0
    assert await count(database, SYSTEM) >= 3


async def test_a_row_for_another_tenant_is_refused(database: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(tenant()) as session:
            session.add(Entry(organization_id=uuid.uuid4()))


async def test_no_transaction_inherits_the_tenant_of_the_last_one_on_its_connection(single: Database) -> None:
    ours = tenant()
    await add(single, ours)
    for who in (ours, SYSTEM):
        async with single.transaction(who) as session:
            first = await session.scalar(text("SELECT pg_backend_pid()"))

        async with single.transaction() as session:
            assert await session.scalar(text("SELECT pg_backend_pid()")) == first
            assert not any((await session.execute(SETTINGS)).one())
        assert await count(single, Tenant()) == 0


async def test_outside_of_any_transaction_of_ours_the_connection_has_no_tenant(single: Database) -> None:
    await add(single, tenant())

    async with single._engine.connect() as connection:
        assert not any((await connection.execute(SETTINGS)).one())


async def test_a_fault_of_ours_is_no_absence_of_the_database(database: Database) -> None:
    with pytest.raises(DBAPIError, match="does not exist"):
        async with database.transaction() as session:
            await session.execute(text("SELECT nowhere FROM entry"))


@pytest.mark.parametrize(
    "statements",
    [
        ["SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)"],
        ["SET LOCAL lock_timeout = '20ms'", "SELECT pg_advisory_xact_lock(42)"],
    ],
    ids=["too slow", "locked"],
)
async def test_a_statement_that_postgresql_gave_up_means_busy_and_not_away(
    statements: list[str], database: Database
) -> None:
    async with database.transaction() as holder:
        await holder.execute(text("SELECT pg_advisory_xact_lock(42)"))

        with pytest.raises(DatabaseBusy):
            await execute(database, *statements)


async def test_one_of_two_that_wait_for_each_other_is_told_busy(database: Database) -> None:
    async def take(first: int, second: int, ready: asyncio.Barrier) -> None:
        async with database.transaction() as session:
            await session.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
            await ready.wait()
            await session.execute(text(f"SELECT pg_advisory_xact_lock({second})"))

    ready = asyncio.Barrier(2)
    outcomes = await asyncio.gather(take(51, 52, ready), take(52, 51, ready), return_exceptions=True)

    assert [type(one) for one in outcomes if one] == [DatabaseBusy]


async def test_a_pool_without_a_free_connection_means_away(single: Database) -> None:
    async with single.transaction():
        with pytest.raises(DatabaseAway):
            async with single.transaction():
                pass


async def test_an_unreachable_server_means_away() -> None:
    nowhere = DatabaseSettings(dsn=SecretStr("postgresql://u:hunter2@127.0.0.1:1/x"))
    async with Database(nowhere) as database:
        with pytest.raises(DatabaseAway) as away:
            async with database.transaction():
                pass

        assert "hunter2" not in str(away.value)
        assert not await database.answers()


async def test_a_server_that_restarts_is_found_again_by_the_same_database() -> None:
    with parts.Postgres.ephemeral() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as administrator:
            administrator.execute("CREATE TABLE alembic_version AS SELECT '0001' AS version_num")
        async with Database(DatabaseSettings(dsn=SecretStr(server.dsn()), pool_size=3)) as database:
            assert await database.answers()
            server.stop()
            assert not await database.answers()
            with pytest.raises(DatabaseAway):
                async with database.transaction():
                    pass
            server.start()

            assert await database.answers()
            async with database.transaction() as session:
                assert await session.scalar(text("SELECT 5")) == 5


async def test_a_connection_killed_in_a_transaction_means_away(database: Database) -> None:
    async def lose_the_connection() -> None:
        async with database.transaction() as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            await execute(database, f"SELECT pg_terminate_backend({pid})")
            await session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseAway):
        await lose_the_connection()

    assert await database.answers()


async def execute(database: Database, *statements: str) -> None:
    """All in one transaction."""
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))
