"""Whoever registers another's address has nothing in the account once its owner takes it."""

from orrery.auth.accounts.v1.events_pb2 import AccountReclaimed

from tests.services.auth.filling import fill
from tests.services.auth.house import House
from tests.services.auth.recovery.desk import forget, mailed, proven, reset

PLANTED = (
    "passkey",
    "api_token",
    "user_2fa",
    "user_pin",
    "sso_identity",
    "platform_key",
    "oauth_grant",
    "oauth_consent",
)


async def planted(auth: House, user_id: int) -> dict[str, int]:
    """How much of each kind could act for the account."""
    found = {}
    for table in PLANTED:
        query = f"SELECT count(*) FROM {table} WHERE user_id = :id"  # noqa: S608  # they stand above
        found[table] = (await auth.sql(query, id=user_id))[0][0]
    live = "SELECT count(*) FROM api_key WHERE created_by = :id AND revoked_at IS NULL"
    return {
        name: count for name, count in {**found, "api_key": (await auth.sql(live, id=user_id))[0][0]}.items() if count
    }


async def test_the_first_proof_of_an_address_removes_what_was_left_in_the_account(auth: House) -> None:
    trap = await auth.register()
    await fill(auth, trap.user.user_id)
    assert set(await planted(auth, trap.user.user_id)) == {*PLANTED, "api_key"}

    assert await forget(auth, trap.user.email)
    assert await reset(auth, await mailed(auth, trap.user.email, "reset_password"))

    assert await planted(auth, trap.user.user_id) == {}
    (told,) = await auth.events(trap.user.user_id, AccountReclaimed)
    assert told.removed == len(PLANTED) + 1


async def test_whoever_proved_the_address_before_keeps_what_is_theirs(auth: House) -> None:
    mine = await proven(auth)
    await fill(auth, mine.user.user_id)

    assert await forget(auth, mine.user.email)
    assert await reset(auth, await mailed(auth, mine.user.email, "reset_password"))

    assert set(await planted(auth, mine.user.user_id)) == {*PLANTED, "api_key"}
    assert await auth.events(mine.user.user_id, AccountReclaimed) == []
