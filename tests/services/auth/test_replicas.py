"""Several replicas of auth that start together on one empty schema, and sweep together ever after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from libs.blobs import Blobs
from libs.database import SYSTEM, Database
from libs.settings import DatabaseSettings
from services.auth.accounts.passwords import Passwords
from services.auth.composition import Auth, Parts
from services.auth.oauth.sweep import OAuthSweep
from services.auth.platforms.http import PlatformHttp
from services.auth.sealing import LocalMaster, MasterKey, Ring
from services.auth.sessions.sweep import Sweep
from services.auth.sso.fetch import Fetch
from tests.libs.waiting import eventually, running
from tests.services.auth.house import MASTER, NO_STORE, CountingHasher, chosen

REPLICAS = 4


@dataclass
class Replica:
    """One pod's loops over connections of its own."""

    database: Database
    auth: Auth
    sealer: Ring

    async def is_ready(self) -> bool:
        return bool(await self.sealer.answers()) and bool(await self.auth.keyring.answers())


@asynccontextmanager
async def replica(settings: DatabaseSettings) -> AsyncIterator[Replica]:
    with Passwords(CountingHasher(), 1) as passwords:
        async with Database(settings) as database, Fetch() as fetch, PlatformHttp() as http:
            sealer = Ring(database, [LocalMaster(MasterKey(MASTER))])
            made = Auth(Parts(database, Blobs(NO_STORE), passwords, sealer, fetch, http), chosen({}))
            async with running(*made.loops()):
                yield Replica(database, made, sealer)


async def ask(database: Database, statement: str) -> list[tuple[Any, ...]]:
    async with database.transaction(SYSTEM) as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def test_replicas_that_start_together_share_one_set_of_keys(settings: DatabaseSettings) -> None:
    async with (
        replica(settings) as first,
        replica(settings) as second,
        replica(settings) as third,
        replica(settings) as fourth,
    ):
        all_of_them = (first, second, third, fourth)
        for one in all_of_them:
            await eventually(one.is_ready)
            await one.auth.keyring.refresh()

        assert await ask(first.database, "SELECT count(*) FROM data_key") == [(1,)]
        assert await ask(first.database, "SELECT count(*) FROM signing_key") == [(1,)]
        assert len({str(one.auth.keyring.published()) for one in all_of_them}) == 1
        secret = first.sealer.seal(b"text", "purpose")
        assert {one.sealer.unseal(secret, "purpose") for one in all_of_them} == {b"text"}


async def test_sweeps_of_all_replicas_together_delete_each_row_once_and_none_too_many(
    settings: DatabaseSettings,
) -> None:
    rows = """
        INSERT INTO sign_in_throttle (subject, place, failures, last_at, open_at)
        SELECT sha256(number::text::bytea), '', 1, now() - interval '1 year' * (number <= 3000)::int, now()
        FROM generate_series(1, 3500) number
    """
    async with Database(settings) as database:
        async with database.transaction(SYSTEM) as session:
            await session.execute(text(rows))

        swept = await asyncio.gather(*(all_batches(Sweep(database)) for _ in range(REPLICAS)))
        await asyncio.gather(*(all_batches(OAuthSweep(database)) for _ in range(REPLICAS)))

        assert sum(swept) == 3000
        assert await ask(database, "SELECT count(*) FROM sign_in_throttle") == [(500,)]


async def all_batches(sweep: Sweep | OAuthSweep) -> int:
    """As the loop does: until nothing is left; asked again where two met."""
    count = 0
    while True:
        try:
            found = await sweep.batch()
        except TimeoutError:
            continue
        count += found
        if not found:
            return count
