"""`rewrap` brings every value under the newest key while the service runs; `remaster` does so for the keys."""

import asyncio
import base64

import pytest

from libs.database import SYSTEM
from libs.errors import Conflict
from services.auth.sealing import LocalMaster, MasterKey, Ring, SealBroken, operations
from services.auth.sealing.registry import Encoding, SealedColumn
from services.auth.sealing.remaster import remaster
from services.auth.sealing.repository import SealedRows
from services.auth.sealing.rewrap import BATCH, Report, rewrap
from tests.services.auth.house import MASTER, House

OLD, NEW = LocalMaster(MasterKey(MASTER)), LocalMaster(MasterKey(bytes(32)))
KEYS = SealedColumn("signing_key", "private_key", "kid", sealed_by="sealed_by", purposes="signing key {}")
SECRETS = SealedColumn("user_2fa", "totp_secret", "user_id", Encoding.BASE64)
COLUMNS = (KEYS, SECRETS)
PEOPLE = 2 * BATCH + 7
ACCOUNTS = """
INSERT INTO user_account (user_id, username, email, password_hash)
SELECT n, 'person_' || n, n || '@example.com', 'x' FROM generate_series(1, :count) n
"""
FACTOR = "INSERT INTO user_2fa (user_id, totp_secret) VALUES (:id, :secret)"


async def fill(auth: House, count: int) -> None:
    """So many people with a sealed secret each."""
    await auth.sql(ACCOUNTS, count=count)
    for person in range(1, count + 1):
        await auth.sql(FACTOR, id=person, secret=text_of(auth.sealer, person))


def text_of(sealer: Ring | MasterKey, person: int) -> str:
    return base64.b64encode(sealer.seal(b"secret %d" % person, SECRETS.purpose(person))).decode()


async def secrets(auth: House, ring: Ring) -> dict[int, bytes]:
    rows = await auth.sql("SELECT user_id, totp_secret FROM user_2fa WHERE totp_secret IS NOT NULL")
    return {person: ring.unseal(base64.b64decode(text), SECRETS.purpose(person)) for person, text in rows}


async def turned(auth: House) -> Ring:
    """A view of the keys in which a new one has just come into office."""
    made = await operations.rotate(auth.database, OLD)
    await auth.sql("UPDATE data_key SET activates_at = now() WHERE id = :id", id=made)
    return await ring(auth, OLD)


async def ring(auth: House, *masters: LocalMaster) -> Ring:
    fresh = Ring(auth.database, masters)
    await fresh.refresh()
    return fresh


async def test_every_value_comes_under_the_newest_key_and_the_older_ones_retire(auth: House) -> None:
    await fill(auth, PEOPLE)
    newest = await turned(auth)

    report = await rewrap(auth.database, newest, COLUMNS)

    assert (report.rewritten, report.broken) == (PEOPLE + 1, set())
    assert [one.hex for one in report.retired] == [auth.sealer.id]
    assert await secrets(auth, newest) == {one: b"secret %d" % one for one in range(1, PEOPLE + 1)}
    keys = await auth.sql("SELECT private_key, sealed_by FROM signing_key")
    assert all(newest.is_current(bytes(row.private_key)) and row.sealed_by == newest.id for row in keys)


async def test_a_second_run_finds_nothing_to_do(auth: House) -> None:
    await fill(auth, 5)
    newest = await turned(auth)
    await rewrap(auth.database, newest, COLUMNS)

    report = await rewrap(auth.database, newest, COLUMNS)

    assert (report.rewritten, report.retired) == (0, [])


async def test_two_runs_at_once_and_a_run_broken_off_do_no_harm(auth: House) -> None:
    await fill(auth, BATCH + 3)
    newest = await turned(auth)
    broken_off = asyncio.create_task(rewrap(auth.database, newest, COLUMNS))
    await asyncio.sleep(0.02)
    broken_off.cancel()
    await asyncio.wait([broken_off])

    await asyncio.gather(*(rewrap(auth.database, newest, COLUMNS) for _ in range(2)))

    assert len(await secrets(auth, newest)) == BATCH + 3
    assert (await rewrap(auth.database, newest, COLUMNS)).rewritten == 0


async def test_a_value_that_is_written_meanwhile_stays_as_it_was_written(auth: House) -> None:
    await fill(auth, 1)
    newest = await turned(auth)
    async with auth.database.transaction(SYSTEM) as session:
        (read,) = await SealedRows(session, SECRETS).page(None, BATCH)
    await auth.sql("UPDATE user_2fa SET totp_secret = :it", it=text_of(auth.sealer, 1))

    async with auth.database.transaction(SYSTEM) as session:
        replaced = await SealedRows(session, SECRETS).replace(read, text_of(newest, 1), newest.id)

    assert not replaced
    assert (await rewrap(auth.database, newest, (SECRETS,))).rewritten == 1


async def test_people_who_write_while_it_runs_lose_nothing(auth: House) -> None:
    await fill(auth, BATCH)
    newest = await turned(auth)

    async def write(person: int) -> None:
        text = base64.b64encode(auth.sealer.seal(b"changed", SECRETS.purpose(person))).decode()
        await auth.sql("UPDATE user_2fa SET totp_secret = :it WHERE user_id = :id", it=text, id=person)

    changed = range(1, BATCH, 5)
    await asyncio.gather(rewrap(auth.database, newest, COLUMNS), *(write(one) for one in changed))
    await rewrap(auth.database, newest, COLUMNS)

    held = await secrets(auth, newest)
    assert {held[one] for one in changed} == {b"changed"}
    assert (await rewrap(auth.database, newest, COLUMNS)).rewritten == 0


async def test_what_the_master_key_sealed_itself_comes_under_a_data_key(auth: House) -> None:
    await auth.sql(ACCOUNTS, count=1)
    await auth.sql(FACTOR, id=1, secret=text_of(MasterKey(MASTER), 1))

    report = await rewrap(auth.database, auth.sealer, COLUMNS)

    assert report.rewritten == 1
    assert await secrets(auth, await ring(auth, NEW, OLD)) == {1: b"secret 1"}


@pytest.mark.parametrize("value", ["", "no base64 at all", "AAAA", base64.b64encode(b"\x01" * 60).decode()])
async def test_a_value_that_does_not_open_is_named_and_keeps_the_old_keys_in_office(auth: House, value: str) -> None:
    await fill(auth, 2)
    await auth.sql("UPDATE user_2fa SET totp_secret = :it WHERE user_id = 1", it=value)
    newest = await turned(auth)

    report = await rewrap(auth.database, newest, COLUMNS)

    assert report == Report(rewritten=2, broken={"user_2fa.totp_secret 1"}, retired=[])
    assert await auth.sql("SELECT totp_secret FROM user_2fa WHERE user_id = 1") == [(value,)]


async def test_while_a_key_waits_nothing_is_rewrapped(auth: House) -> None:
    await operations.rotate(auth.database, OLD)

    with pytest.raises(Conflict):
        await rewrap(auth.database, auth.sealer, COLUMNS)


async def test_another_master_key_takes_over_while_both_are_given(auth: House) -> None:
    await fill(auth, 3)
    await turned(auth)

    assert await remaster(auth.database, [NEW, OLD]) == 2

    assert len(await secrets(auth, await ring(auth, NEW))) == 3
    assert not await (await ring(auth, OLD)).answers()
    assert auth.sealer.unseal(auth.sealer.seal(b"text", "a"), "a") == b"text"  # a process that runs is not disturbed


async def test_without_the_old_master_key_nothing_changes(auth: House) -> None:
    before = await auth.sql("SELECT * FROM data_key")

    with pytest.raises(SealBroken, match=await OLD.id()):
        await remaster(auth.database, [NEW])

    assert await auth.sql("SELECT * FROM data_key") == before
