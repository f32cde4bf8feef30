"""Hot reads are behind the same wall, in every run of the prepared statement and whatever plan PostgreSQL takes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from libs.database import SYSTEM, Database, DatabaseAway, DatabaseBusy, HotQuery, Tenant
from libs.settings import DatabaseSettings
from tests.libs.database.rows import add, tenant
from tools.stack import parts

ALL = HotQuery("SELECT organization_id::text, title FROM entry ORDER BY title")
ONE = HotQuery("SELECT title FROM entry WHERE id = %(id)s")
JOINED = HotQuery("SELECT a.title FROM entry a JOIN entry b USING (organization_id) WHERE b.title = %(title)s")
COUNT = HotQuery("WITH found AS (SELECT title FROM entry) SELECT count(*) FROM found")
RUNS = 30


@pytest.fixture(params=["auto", "force_generic_plan", "force_custom_plan"])
async def hot(request: pytest.FixtureRequest, settings: DatabaseSettings) -> AsyncIterator[Database]:
    """A database whose hot reads all share one connection, under each way to plan."""
    dsn = f"{settings.dsn.get_secret_value()}?options=-cplan_cache_mode%3D{request.param}"
    async with Database(DatabaseSettings(dsn=SecretStr(dsn), pool_size=3)) as opened:
        yield opened


async def test_each_tenant_reads_its_own_in_every_one_of_many_runs(hot: Database) -> None:
    ours, theirs = tenant(), tenant()
    id_of_ours = await add(hot, ours, title="ours")
    await add(hot, theirs, title="theirs")

    for _ in range(RUNS):
        assert await ALL.rows(hot, ours) == [(ours.organization_id, "ours")]
        assert await ALL.rows(hot, theirs) == [(theirs.organization_id, "theirs")]
        assert await ALL.rows(hot, Tenant()) == []
        assert await ALL.rows(hot, Tenant(user_id=7)) == []
        assert await ONE.rows(hot, ours, id=id_of_ours) == [("ours",)]
        assert await ONE.rows(hot, theirs, id=id_of_ours) == []
        assert await ONE.rows(hot, Tenant(), id=id_of_ours) == []
        assert await ONE.rows(hot, SYSTEM, id=id_of_ours) == [("ours",)]
        assert await JOINED.rows(hot, theirs, title="ours") == []
        assert await JOINED.rows(hot, ours, title="ours") == [("ours",)]
        assert await COUNT.rows(hot, ours) == [(1,)]
        assert await COUNT.rows(hot, Tenant()) == [(0,)]


async def test_it_was_one_prepared_statement_on_one_connection(hot: Database) -> None:
    for _ in range(RUNS):
        await ALL.rows(hot, Tenant())

    async with hot.hot.connection() as connection:
        cursor = await connection.execute(
            "SELECT max(generic_plans + custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%%title%%'"
        )
        [executions] = await cursor.fetchone() or [0]
    assert executions >= RUNS


async def test_the_tenant_does_not_stay_on_the_connection(hot: Database) -> None:
    ours = tenant()
    await add(hot, ours)
    await ALL.rows(hot, SYSTEM)
    await ALL.rows(hot, ours)

    async with hot.hot.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM entry")
        assert await cursor.fetchone() == (0,)


async def test_many_tenants_at_once_do_not_mix(database: Database) -> None:
    all_of_them = [tenant() for _ in range(12)]
    for one in all_of_them:
        await add(database, one, title=one.organization_id)

    answers = await asyncio.gather(*(ALL.rows(database, one) for one in all_of_them * 10))

    for one, rows in zip(all_of_them * 10, answers, strict=True):
        assert rows == [(one.organization_id, one.organization_id)]


async def test_a_callers_value_cannot_take_the_tenants_place(database: Database) -> None:
    ours, theirs = tenant(), tenant()
    await add(database, theirs, title="theirs")

    rows = await ALL.rows(
        database, ours, tenant_organization_id=theirs.organization_id, tenant_system="on", tenant_user_id="1"
    )

    assert rows == []


async def test_a_read_that_is_given_up_is_busy(settings: DatabaseSettings) -> None:
    dsn = f"{settings.dsn.get_secret_value()}?options=-cstatement_timeout%3D50"
    slow = HotQuery("SELECT pg_sleep(5)")
    async with Database(DatabaseSettings(dsn=SecretStr(dsn), pool_size=3)) as database:
        with pytest.raises(DatabaseBusy):
            await slow.rows(database, SYSTEM)


async def test_a_read_survives_a_restart_of_the_server_and_says_away_meanwhile() -> None:
    five = HotQuery("SELECT 5")
    with parts.Postgres.ephemeral() as server:
        async with Database(DatabaseSettings(dsn=SecretStr(server.dsn()), pool_size=9)) as database:
            await asyncio.gather(*(five.rows(database, SYSTEM) for _ in range(20)))
            server.stop()
            with pytest.raises(DatabaseAway):
                await five.rows(database, SYSTEM)
            server.start()

            assert await asyncio.gather(*(five.rows(database, SYSTEM) for _ in range(20))) == [[(5,)]] * 20


async def test_a_restart_between_two_reads_is_not_noticed() -> None:
    five = HotQuery("SELECT 5")
    with parts.Postgres.ephemeral() as server:
        async with Database(DatabaseSettings(dsn=SecretStr(server.dsn()), pool_size=9)) as database:
            await asyncio.gather(*(five.rows(database, SYSTEM) for _ in range(20)))
            server.stop()
            server.start()

            assert await asyncio.gather(*(five.rows(database, SYSTEM) for _ in range(20))) == [[(5,)]] * 20
            async with database.transaction() as session:
                assert await session.scalar(text("SELECT 5")) == 5
