"""How full the pools are is seen, and who waited for them in vain."""

import asyncio

from prometheus_client import REGISTRY
from sqlalchemy import text

from libs.database import Database, HotQuery, Tenant
from libs.settings import DatabaseSettings
from tests.libs.waiting import eventually

SLEEP = HotQuery("SELECT 1 FROM (SELECT pg_sleep(%(seconds)s)) slept")


def shown(what: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"orrery_database_pool_{what}", labels) or 0.0


async def test_a_transaction_and_those_who_wait_for_one_are_seen(settings: DatabaseSettings) -> None:
    async with Database(DatabaseSettings(dsn=settings.dsn, pool_size=1)) as single:
        limit = shown("limit", pool="transactions")
        waiting = shown("waiting", pool="transactions")
        async with single.transaction() as session:
            await session.execute(text("SELECT 1"))
            in_use = shown("connections", pool="transactions", state="in_use")
            another = asyncio.create_task(single.answers())
            await asyncio.sleep(0.05)

            assert in_use >= 1
            assert shown("waiting", pool="transactions") == waiting + 1
        assert await another is True
        assert shown("waiting", pool="transactions") == waiting
        assert shown("connections", pool="transactions", state="in_use") == in_use - 1
    assert shown("limit", pool="transactions") == limit - 1


async def test_hot_reads_are_seen_beside_them(settings: DatabaseSettings) -> None:
    async with Database(DatabaseSettings(dsn=settings.dsn, pool_size=1)) as single:
        before, waiting = shown("connections", pool="hot", state="in_use"), shown("waiting", pool="hot")
        reads = [asyncio.create_task(SLEEP.rows(single, Tenant(), seconds=1)) for _ in range(2)]

        async def both_are_seen() -> bool:
            busy = shown("connections", pool="hot", state="in_use") == before + 1
            return busy and shown("waiting", pool="hot") == waiting + 1

        await eventually(both_are_seen)
        await asyncio.gather(*reads)


async def test_who_waited_in_vain_is_counted(settings: DatabaseSettings) -> None:
    before = shown("timeouts_total", pool="transactions")
    async with Database(DatabaseSettings(dsn=settings.dsn, pool_size=1)) as single, single.transaction() as session:
        await session.execute(text("SELECT 1"))

        assert not await single.answers()

    assert shown("timeouts_total", pool="transactions") == before + 1
