"""Values are sealed by the newest data key and opened by any."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from libs.database import Database
from libs.database.removals import removing
from libs.errors import Conflict
from libs.telemetry import No
from services.auth.keys.keyring import Keyring
from services.auth.sealing import LocalMaster, MasterKey, Ring, SealBroken, operations
from services.auth.sealing.errors import SealingNotReady
from services.auth.sealing.masters import Master, MasterAway
from tests.services.auth.house import MASTER, House

OLD = LocalMaster(MasterKey(MASTER))
PURPOSE = "user_2fa.totp_secret:7"


async def ring(database: Database, masters: Sequence[Master] = (OLD,), *, ahead: float = 0.0) -> Ring:
    """A process's own view, so many seconds in the future."""
    made = Ring(database, masters, lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    await made.refresh()
    return made


class AwayMaster(LocalMaster):
    """A vault that went away after it had been asked once."""

    async def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        raise MasterAway("away")


async def test_a_value_names_its_key_and_opens_for_its_row_alone(auth: House) -> None:
    sealed = auth.sealer.seal(b"secret", PURPOSE)

    assert sealed[0] == 1
    assert uuid.UUID(bytes=sealed[1:17]).hex == auth.sealer.id
    assert b"secret" not in sealed
    assert auth.sealer.unseal(sealed, PURPOSE) == b"secret"
    with pytest.raises(SealBroken):
        auth.sealer.unseal(sealed, "user_2fa.totp_secret:8")


@pytest.mark.parametrize("at", [20, -1])
async def test_a_changed_value_does_not_open(auth: House, at: int) -> None:
    sealed = bytearray(auth.sealer.seal(b"secret", PURPOSE))
    sealed[at] ^= 1

    with pytest.raises(SealBroken):
        auth.sealer.unseal(bytes(sealed), PURPOSE)


@pytest.mark.parametrize("length", range(0, 40, 3))
async def test_a_value_cut_short_does_not_open(auth: House, length: int) -> None:
    with pytest.raises((SealBroken, SealingNotReady)):
        auth.sealer.unseal(auth.sealer.seal(b"secret", PURPOSE)[:length], PURPOSE)


async def test_what_the_master_key_sealed_itself_still_opens(auth: House) -> None:
    assert auth.sealer.unseal(MasterKey(MASTER).seal(b"older", PURPOSE), PURPOSE) == b"older"


async def test_of_many_processes_that_start_at_once_one_makes_the_first_key(auth: House) -> None:
    await auth.sql("DELETE FROM data_key")
    rings = [Ring(auth.database, [OLD]) for _ in range(6)]

    await asyncio.gather(*(one.refresh() for one in rings))

    assert await auth.sql("SELECT count(*) FROM data_key") == [(1,)]
    assert len({one.id for one in rings}) == 1


async def test_a_new_key_seals_a_minute_later_when_every_process_knows_it(auth: House) -> None:
    first, old = auth.sealer.id, auth.sealer.seal(b"old", PURPOSE)

    made = await operations.rotate(auth.database, OLD)

    await auth.sealer.refresh()
    assert auth.sealer.id == first
    later = await ring(auth.database, ahead=61)
    assert later.id == made.hex
    assert auth.sealer.unseal(later.seal(b"new", PURPOSE), PURPOSE) == b"new"
    assert later.unseal(old, PURPOSE) == b"old"


async def test_a_second_rotation_waits_for_the_first(auth: House) -> None:
    raced = await asyncio.gather(*(operations.rotate(auth.database, OLD) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(one, uuid.UUID) for one in raced) == 1
    assert sum(isinstance(one, Conflict) for one in raced) == 3


async def test_a_key_is_made_while_something_is_removed_or_kept_from_that_by_a_backup(auth: House) -> None:
    async with removing(auth.database):
        made = await operations.rotate(auth.database, OLD)

    assert (await ring(auth.database, ahead=61)).id == made.hex


async def test_a_process_that_met_a_value_of_a_key_it_does_not_know_learns_it_at_once(auth: House) -> None:
    running = asyncio.create_task(auth.sealer.run())
    await auth.sealer.loaded()
    await asyncio.sleep(0.1)  # the loop looks once, then pauses for 15 s
    await operations.rotate(auth.database, OLD)
    sealed = (await ring(auth.database, ahead=61)).seal(b"new", PURPOSE)
    with pytest.raises(SealingNotReady):
        auth.sealer.unseal(sealed, PURPOSE)

    opened = await eventually(auth.sealer, sealed)

    running.cancel()
    assert opened == b"new"


async def eventually(sealer: Ring, sealed: bytes) -> bytes:
    for _ in range(200):
        try:
            return sealer.unseal(sealed, PURPOSE)
        except SealingNotReady:
            await asyncio.sleep(0.05)
    raise AssertionError("the key was never learned")


async def test_a_key_under_another_master_seals_nothing(auth: House) -> None:
    stranger = await ring(auth.database, [LocalMaster(MasterKey(bytes(32)))])

    answer = await stranger.answers()
    assert isinstance(answer, No)
    assert "which this process was not given" in answer.why
    with pytest.raises(SealingNotReady):
        stranger.seal(b"text", PURPOSE)
    with pytest.raises(SealingNotReady):
        stranger.unseal(auth.sealer.seal(b"text", PURPOSE), PURPOSE)


async def test_a_wrapped_key_is_bound_to_its_row(auth: House) -> None:
    await auth.sql("UPDATE data_key SET id = gen_random_uuid()")

    assert not await (await ring(auth.database)).answers()


async def test_a_vault_that_goes_away_leaves_known_keys_in_use(auth: House) -> None:
    held = await ring(auth.database)
    held._masters = [AwayMaster(MasterKey(MASTER))]
    await operations.rotate(auth.database, OLD)

    with pytest.raises(MasterAway):
        await held.refresh()

    assert held.unseal(held.seal(b"text", PURPOSE), PURPOSE) == b"text"


async def test_before_the_keys_are_known_nothing_is_sealed(auth: House) -> None:
    fresh = Ring(auth.database, [OLD])

    assert await fresh.answers() == No("no data key is known yet")
    with pytest.raises(SealingNotReady):
        fresh.seal(b"text", PURPOSE)


async def test_the_signing_keys_wait_for_the_data_keys(auth: House) -> None:
    ring = Ring(auth.database, [OLD])
    keyring = Keyring(auth.database, ring)
    await auth.sql("DELETE FROM signing_key")
    running = asyncio.create_task(keyring.run())
    await asyncio.sleep(0.2)
    assert not await keyring.answers()

    await ring.refresh()

    for _ in range(100):
        if await keyring.answers():
            break
        await asyncio.sleep(0.1)
    assert keyring.signing().kid
    running.cancel()
