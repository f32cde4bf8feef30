"""LISTEN as something to wait for."""

import asyncio

from sqlalchemy import text

from libs.database import Database
from libs.database.notify import Notifications
from tests.libs.waiting import eventually

FOREVER = 3600.0


async def test_a_notification_wakes_whoever_waits(database: Database) -> None:
    async with Notifications(database, "made_up") as notifications:
        await notifications.wait(FOREVER)  # the first comes from listening itself
        waiting = asyncio.create_task(notifications.wait(FOREVER))

        await notify(database, "made_up")

        await waiting


async def test_a_notification_between_two_waits_is_not_lost(database: Database) -> None:
    async with Notifications(database, "made_up") as notifications:
        await notifications.wait(FOREVER)
        await notify(database, "made_up")
        await asyncio.sleep(0.2)

        await notifications.wait(FOREVER)


async def test_other_channels_wake_nobody(database: Database) -> None:
    async with Notifications(database, "made_up") as notifications:
        await notifications.wait(FOREVER)
        waiting = asyncio.create_task(notifications.wait(0.3))

        await notify(database, "another")
        await waiting

        assert not notifications._happened.is_set()


async def test_a_lost_connection_is_made_again(database: Database) -> None:
    async with Notifications(database, "lost_one") as notifications:
        await notifications.wait(FOREVER)

        await eventually(lambda: killed(database))

        await notifications.wait(FOREVER)  # it listens again and tells of what may have been missed


async def killed(database: Database) -> bool:
    query = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN \"lost_one\"'")
    async with database.transaction() as session:
        return bool((await session.execute(query)).first())


async def notify(database: Database, channel: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"NOTIFY {channel}"))
