"""While a backup runs nothing that its snapshot names is removed; what was to be removed is removed after it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from admin.backup.buckets import Buckets
from admin.backup.errors import BackupImpossible
from admin.backup.hold import Hold, alone, relays_stopped
from admin.backup.objects import Copying, Found
from admin.backup.relays import Limits
from admin.backup.stores.folder import FolderStore
from libs.blobs import Blobs
from libs.database import Database
from libs.database.locks import Lock
from libs.database.removals import RemovalsHeld, removing
from libs.jobs import Lease
from libs.settings import DatabaseSettings
from services.auth.privacy.tasks import Privacy, export_key
from services.media.videos.cleaning import REMOVE, cleaning_tasks
from tests.admin.backup.keeper import AUTH, MEDIA, Keeper

LONG = timedelta(hours=1)


def dsn(keeper: Keeper, user: str = "postgres") -> str:
    return keeper.postgres.dsn(user=user, database=keeper.database)


@pytest.fixture
async def media(keeper: Keeper) -> AsyncIterator[Database]:
    async with Database(DatabaseSettings(dsn=SecretStr(dsn(keeper, "media_app")), pool_size=2)) as database:
        yield database


@pytest.fixture
async def auth(keeper: Keeper) -> AsyncIterator[Database]:
    async with Database(DatabaseSettings(dsn=SecretStr(dsn(keeper, "auth_app")), pool_size=2)) as database:
        yield database


@contextmanager
def holding(keeper: Keeper, longest: timedelta = LONG) -> Iterator[Hold]:
    with alone(dsn(keeper)) as hold:
        hold.stop_removals(longest)
        yield hold


async def test_a_videos_objects_stay_until_the_backup_has_ended(keeper: Keeper, media: Database) -> None:
    prefix = f"{uuid.uuid4()}/7/1/"
    keeper.put(MEDIA, f"{prefix}source", b"a film")
    lease = Lease(1, 0, REMOVE, payload={"prefix": prefix})

    async with Blobs(keeper.blobs) as blobs:
        remove = cleaning_tasks(media, blobs)[REMOVE].run
        with holding(keeper), pytest.raises(RemovalsHeld):
            await remove(lease)
        during = keeper.objects()
        await remove(lease)

    assert during
    assert keeper.objects() == {}


async def test_a_persons_archives_stay_until_the_backup_has_ended(keeper: Keeper, auth: Database) -> None:
    keeper.put(AUTH, export_key(7, uuid.uuid4()), b"an archive")
    lease = Lease(1, 0, "erase", payload={"user_id": 7})

    async with Blobs(keeper.blobs.model_copy(update={"bucket": AUTH})) as blobs:
        privacy = Privacy(auth, blobs, {})
        with holding(keeper):
            with pytest.raises(RemovalsHeld):
                await privacy.erase(lease)
            await privacy.sweep(lease)

    assert len(keeper.objects()) == 1


async def test_a_backup_waits_for_removals_that_have_begun(keeper: Keeper, media: Database) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def remove() -> float:
        async with removing(media):
            begun.set()
            await ended.wait()
            return time.monotonic()

    def hold() -> float:
        with holding(keeper):
            return time.monotonic()

    removal = asyncio.create_task(remove())
    await begun.wait()
    with ThreadPoolExecutor(1) as thread:
        held = asyncio.get_running_loop().run_in_executor(thread, hold)
        while not removals_are_waited_for(keeper):
            assert not held.done()
            await asyncio.sleep(0.01)
        ended.set()
        assert await removal <= await held


def removals_are_waited_for(keeper: Keeper) -> bool:
    waiting = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0
        AND objid = %s::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    return bool(keeper.ask(waiting, Lock.REMOVALS)[0][0])


async def test_a_backup_that_died_holds_nothing(keeper: Keeper, media: Database) -> None:
    with alone(dsn(keeper)) as hold:
        hold.stop_removals(LONG)
        end_other_sessions(keeper)

        async with removing(media):
            pass
        with pytest.raises(BackupImpossible, match="hold on removals was lost"):
            hold.check()


async def test_a_backup_that_hangs_holds_no_longer_than_its_limit(keeper: Keeper, media: Database) -> None:
    with holding(keeper, timedelta(milliseconds=200)) as hold:
        await asyncio.sleep(1)

        async with removing(media):
            pass
        with pytest.raises(BackupImpossible, match="hold on removals was lost"):
            hold.check()


def test_relays_that_did_not_stand_still_to_the_end_fail_the_backup(keeper: Keeper) -> None:
    with (
        pytest.raises(BackupImpossible, match="relays did not stand still"),
        relays_stopped(dsn(keeper), ["auth", "media"]),
    ):
        end_other_sessions(keeper)


def test_a_relay_that_does_not_end_is_named_and_the_others_go_on_meanwhile(keeper: Keeper) -> None:
    """The second of three sends without end: the first and the third have their locks for a moment of each try only."""
    quick = Limits(first=timedelta(seconds=1), others=timedelta(milliseconds=100), tries=3)
    with keeper.connect(user="media_app") as slow, keeper.connect(user="auth_app") as other:
        take(slow, "media")
        with ThreadPoolExecutor(1) as thread:
            stopping = thread.submit(stop, keeper, quick)
            free = []
            while not stopping.done():
                free.append(may_send(other, "auth") and may_send(other, "history"))
            with pytest.raises(BackupImpossible, match=r"of media does not stand still \(media_app, session \d+\)"):
                stopping.result()

    assert sum(free) > len(free) / 2
    assert may_stop(keeper, "auth", "history")


def test_a_relay_that_ends_late_is_waited_for_while_no_other_is_held(keeper: Keeper) -> None:
    quick = Limits(first=timedelta(seconds=30), others=timedelta(milliseconds=100), tries=2)
    with keeper.connect(user="media_app") as slow, keeper.connect(user="auth_app") as other:
        take(slow, "media")
        with ThreadPoolExecutor(1) as thread:
            stopping = thread.submit(stop, keeper, quick)
            while not waits(keeper, "media", while_free="auth"):
                assert not stopping.done()
            assert may_send(other, "auth")
            slow.execute("SELECT pg_advisory_unlock_all()")
            stopping.result()


async def test_removals_do_not_wait_for_each_other(media: Database) -> None:
    async with removing(media), removing(media):
        pass


def test_an_object_that_is_gone_all_the_same_fails_the_backup(keeper: Keeper) -> None:
    """Somebody removed it by hand."""
    copying = Copying(Buckets(keeper.blobs), FolderStore(keeper.folder), 1)

    with pytest.raises(BackupImpossible, match="orrery-media/gone was removed while the backup ran"):
        copying._entry(Found(MEDIA, "gone", 1, None))


def stop(keeper: Keeper, limits: Limits) -> None:
    with relays_stopped(dsn(keeper), ["auth", "media", "history"], limits):
        pass


def take(session: "psycopg.Connection[Any]", schema: str) -> None:
    """As a relay that sends."""
    session.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [Lock.RELAY, schema])


def may_send(session: "psycopg.Connection[Any]", schema: str) -> bool:
    """Whether a relay would get its lock now, as it asks for it: without waiting, for a transaction."""
    query = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
    return bool(session.execute(query, [Lock.RELAY, schema]).fetchall()[0][0])


def may_stop(keeper: Keeper, *schemas: str) -> bool:
    with keeper.connect() as session:
        return all(may_send(session, schema) for schema in schemas)


def waits(keeper: Keeper, schema: str, while_free: str) -> bool:
    """Whether somebody waits for this relay's lock and holds none of the other's."""
    query = """SELECT objid::int8 = hashtext(%s)::int8 & 4294967295, granted FROM pg_locks
        WHERE locktype = 'advisory' AND classid = %s::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    with keeper.connect() as session:
        waiting = session.execute(query, [schema, Lock.RELAY]).fetchall()
        return (True, False) in waiting and may_send(session, while_free)


def end_other_sessions(keeper: Keeper) -> None:
    with psycopg.connect(dsn(keeper), autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
