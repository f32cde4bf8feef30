"""Passwords hashed with yesterday's parameters are hashed anew when their owner signs in."""

import asyncio
from pathlib import Path

from libs.settings import DatabaseSettings
from tests.services.auth.house import CountingHasher, House, open_house


async def hash_of(auth: House, user_id: int) -> str:
    rows = await auth.sql("SELECT password_hash FROM user_account WHERE user_id = :id", id=user_id)
    return str(rows[0][0])


async def test_a_sign_in_renews_an_outdated_hash_once(auth: House, settings: DatabaseSettings, tmp_path: Path) -> None:
    made = await auth.register()
    before, stronger = await hash_of(auth, made.user.user_id), CountingHasher(time_cost=2)

    async with open_house(settings, tmp_path, hasher=stronger) as later:
        hashed = stronger.hashed
        await later.login(username=made.user.username)
        await later.login(username=made.user.username)

    after = await hash_of(auth, made.user.user_id)
    assert ("t=1" in before, "t=2" in after) == (True, True)
    assert stronger.hashed == hashed + 1


async def test_many_sign_ins_at_once_over_an_outdated_hash_all_get_in(
    auth: House, settings: DatabaseSettings, tmp_path: Path
) -> None:
    made = await auth.register()

    async with open_house(settings, tmp_path, hasher=CountingHasher(time_cost=2)) as later:
        entered = await asyncio.gather(*(later.login(username=made.user.username) for _ in range(12)))

    assert len({one.refresh_token for one in entered}) == 12
    assert "t=2" in await hash_of(auth, made.user.user_id)
