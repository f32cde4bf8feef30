"""A key is published before it signs and stays published until its last token has expired."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from libs.errors import Conflict, NotFound, Unavailable
from libs.settings import DatabaseSettings
from services.auth.keys import rotation
from services.auth.keys.keyring import Keyring
from services.auth.sealing import MasterKey
from tests.conftest import DatabaseFor
from tests.services.auth.house import AUDIENCE, ISSUER, MASTER, House, open_house

START = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    """A database for each test: keys are the whole deployment's."""
    return database_for("auth", "services/auth")


@pytest.fixture
async def auth(settings: DatabaseSettings, clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path, clock=clock) as house:
        yield house


async def published(auth: House) -> list[str]:
    await auth.keyring.refresh()
    return [key.kid for key in (await auth.keys()).keys]


async def signs(auth: House) -> str:
    """The id of the key of a new token."""
    return str(jwt.get_unverified_header((await auth.register()).token)["kid"])


async def believes(auth: House, token: str) -> bool:
    """Whether the published keys verify the token."""
    kid = jwt.get_unverified_header(token)["kid"]
    keys = [key for key in (await auth.keys()).keys if key.kid == kid]
    for key in keys:
        public = jwt.PyJWK({"kty": key.kty, "n": key.n, "e": key.e, "alg": key.alg, "kid": key.kid})
        jwt.decode(token, public, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    return bool(keys)


async def test_the_first_key_signs_at_once(auth: House) -> None:
    assert await published(auth) == [await signs(auth)]


async def test_a_new_key_is_published_ten_minutes_before_it_signs(auth: House, clock: Clock) -> None:
    old = await signs(auth)
    clock.move(days=29, hours=23, minutes=49)
    assert await published(auth) == [old]

    clock.move(minutes=1)
    kids = await published(auth)

    assert kids[0] == old
    assert len(kids) == 2
    assert await signs(auth) == old
    clock.move(minutes=9, seconds=59)
    assert await signs(auth) == old
    clock.move(seconds=1)
    assert await signs(auth) == kids[1]
    assert await published(auth) == [kids[1], old]


async def test_an_old_key_verifies_until_its_last_token_has_expired_and_is_then_forgotten(
    auth: House, clock: Clock
) -> None:
    clock.move(days=29, hours=23, minutes=50)
    await published(auth)
    clock.move(minutes=9, seconds=59)
    last = (await auth.register()).token

    clock.move(minutes=30, seconds=1)
    assert await believes(auth, last)

    clock.move(minutes=5, seconds=1)
    assert not await believes(auth, last)
    assert len(await published(auth)) == 1
    assert await auth.sql("SELECT count(*) FROM signing_key") == [(1,)]


async def test_a_rotation_by_hand_keeps_old_tokens_valid(auth: House, clock: Clock) -> None:
    token = (await auth.register()).token
    master = MasterKey(MASTER)

    activates_at = await rotation.rotate(auth.database, master, clock())

    assert activates_at == START + timedelta(minutes=10)
    assert len(await published(auth)) == 2
    clock.move(minutes=11)
    assert jwt.get_unverified_header((await auth.register()).token) != jwt.get_unverified_header(token)
    assert await believes(auth, token)


async def test_a_second_rotation_waits_for_the_first(auth: House, clock: Clock) -> None:
    await rotation.rotate(auth.database, MasterKey(MASTER), clock())

    with pytest.raises(Conflict):
        await rotation.rotate(auth.database, MasterKey(MASTER), clock())


async def test_a_withdrawn_key_is_believed_no_more_and_another_signs_at_once(auth: House, clock: Clock) -> None:
    token = (await auth.register()).token
    leaked = jwt.get_unverified_header(token)["kid"]

    await rotation.withdraw(auth.database, MasterKey(MASTER), leaked, clock())

    kids = await published(auth)
    assert leaked not in kids
    assert not await believes(auth, token)
    assert await signs(auth) == kids[0]


async def test_withdrawing_the_waiting_key_leaves_the_signing_one_in_office(auth: House, clock: Clock) -> None:
    old = await signs(auth)
    await rotation.rotate(auth.database, MasterKey(MASTER), clock())
    waiting = (await published(auth))[1]

    await rotation.withdraw(auth.database, MasterKey(MASTER), waiting, clock())

    clock.move(days=1)
    assert await published(auth) == [old]
    assert await signs(auth) == old


async def test_withdrawing_the_signing_key_lets_the_waiting_one_take_over_in_its_time(
    auth: House, clock: Clock
) -> None:
    leaked = await signs(auth)
    await rotation.rotate(auth.database, MasterKey(MASTER), clock())
    waiting = (await published(auth))[1]

    await rotation.withdraw(auth.database, MasterKey(MASTER), leaked, clock())

    between, after = await published(auth)
    assert (after, await signs(auth)) == (waiting, between)
    clock.move(minutes=10)
    assert await signs(auth) == waiting
    assert await published(auth) == [waiting, between]


async def test_an_unknown_key_cannot_be_withdrawn(auth: House, clock: Clock) -> None:
    with pytest.raises(NotFound):
        await rotation.withdraw(auth.database, MasterKey(MASTER), "nobody's", clock())


async def test_of_many_processes_that_start_at_once_one_makes_the_first_key(
    auth: House, settings: DatabaseSettings
) -> None:
    await auth.sql("DELETE FROM signing_key")
    rings = [Keyring(auth.database, MasterKey(MASTER)) for _ in range(6)]

    await asyncio.gather(*(ring.refresh() for ring in rings))
    await asyncio.gather(*(ring.refresh() for ring in rings))

    assert await auth.sql("SELECT count(*) FROM signing_key") == [(1,)]
    assert len({ring.signing().kid for ring in rings}) == 1


async def test_a_process_learns_of_another_ones_key_before_it_signs(
    auth: House, settings: DatabaseSettings, clock: Clock, tmp_path: Path
) -> None:
    async with open_house(settings, tmp_path / "other", clock=clock) as other:
        await rotation.rotate(other.database, MasterKey(MASTER), clock())
        assert len(await published(auth)) == 2


async def test_a_key_sealed_by_another_master_signs_nothing(auth: House, clock: Clock) -> None:
    stranger = Keyring(auth.database, MasterKey(bytes(32)), clock)

    await stranger.refresh()

    assert not await stranger.answers()
    with pytest.raises(Unavailable):
        stranger.signing()
    assert await auth.sql("SELECT count(*) FROM signing_key") == [(1,)]


async def test_before_the_keys_are_known_nobody_is_signed_in(auth: House, clock: Clock) -> None:
    fresh = Keyring(auth.database, MasterKey(MASTER), clock)

    assert not await fresh.answers()
    assert fresh.published() == []
