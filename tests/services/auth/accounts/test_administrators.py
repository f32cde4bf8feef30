"""The first platform administrator, and the one-time password."""

import asyncio
from collections.abc import Iterator

import pytest
from orrery.auth.accounts.v1 import events_pb2 as events

from libs.errors import Conflict, Forbidden, Invalid, Refusal, Unauthenticated
from services.auth.accounts import administrators
from services.auth.accounts.administrators import Made
from services.auth.accounts.passwords import Passwords
from tests.services.auth.house import PASSWORD, CountingHasher, House, claims, name
from tests.services.auth.recovery.desk import NEW, change_password, forget, mailed, replace, reset


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    with Passwords(CountingHasher()) as made:
        yield made


async def create(house: House, passwords: Passwords, *, force: bool = True) -> Made:
    username = name()
    return await administrators.create(house.database, passwords, username, f"{username}@example.com", force=force)


@pytest.fixture
async def admin(auth: House, passwords: Passwords) -> Made:
    return await create(auth, passwords)


async def test_the_one_time_password_signs_nobody_in_and_says_why(auth: House, admin: Made) -> None:
    with pytest.raises(Forbidden) as refused:
        await auth.login(username=admin.username, password=admin.password)

    assert refused.value.reason == "PASSWORD_CHANGE_REQUIRED"


async def test_only_whoever_has_it_is_told_so(auth: House, admin: Made) -> None:
    with pytest.raises(Unauthenticated):
        await auth.login(username=admin.username, password=PASSWORD)


async def test_exchanged_for_ones_own_it_signs_an_administrator_in(auth: House, admin: Made) -> None:
    assert await replace(auth, admin.username, admin.password)

    entered = await auth.login(username=admin.username, password=NEW)
    assert (entered.user.is_admin, claims(entered.token)["adm"]) == (True, True)
    [changed] = await auth.events(entered.user.user_id, events.PasswordChanged)
    assert changed.how == "one_time"
    assert len(await auth.events(entered.user.user_id, events.AdministratorCreated)) == 1


async def test_it_is_exchanged_once_even_at_once(auth: House, admin: Made) -> None:
    words = [f"{NEW}{number}" for number in range(5)]

    answers = await asyncio.gather(
        *(replace(auth, admin.username, admin.password, word) for word in words), return_exceptions=True
    )

    assert answers.count(True) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"INVALID_CREDENTIALS"}


async def test_it_may_not_become_ones_own(auth: House, admin: Made) -> None:
    with pytest.raises(Invalid):
        await replace(auth, admin.username, admin.password, admin.password)
    with pytest.raises(Invalid):
        await replace(auth, admin.username, admin.password, "short")


async def test_a_password_of_ones_own_cannot_be_exchanged_so(auth: House) -> None:
    """That would be a way past the second factor."""
    made = await auth.register()

    with pytest.raises(Unauthenticated):
        await replace(auth, made.user.username, PASSWORD)

    assert await auth.login(username=made.user.username)


async def test_after_three_days_it_is_a_wrong_one(auth: House, admin: Made) -> None:
    await auth.sql("UPDATE user_account SET password_expires_at = now() WHERE username = :name", name=admin.username)

    with pytest.raises(Unauthenticated):
        await auth.login(username=admin.username, password=admin.password)
    with pytest.raises(Unauthenticated):
        await replace(auth, admin.username, admin.password)


async def test_a_mailed_token_replaces_it_too(auth: House, admin: Made) -> None:
    email = f"{admin.username}@example.com"
    await forget(auth, email)
    await reset(auth, await mailed(auth, email, "reset_password"))

    assert (await auth.login(username=admin.username, password=NEW)).user.is_admin


async def test_a_second_one_is_refused_unless_it_is_meant(auth: House, passwords: Passwords, admin: Made) -> None:
    with pytest.raises(Conflict) as refused:
        await create(auth, passwords, force=False)

    assert refused.value.reason == "ADMINISTRATOR_EXISTS"


async def test_of_two_first_ones_at_once_one_is_made(auth: House, passwords: Passwords) -> None:
    await auth.sql("UPDATE user_account SET is_admin = FALSE")

    made = await asyncio.gather(*(create(auth, passwords, force=False) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(one, Made) for one in made) == 1
    assert sum(isinstance(one, Conflict) for one in made) == 3


async def test_a_taken_name_is_refused(auth: House, passwords: Passwords, admin: Made) -> None:
    with pytest.raises(Conflict):
        await administrators.create(auth.database, passwords, admin.username, "x@example.com", force=True)


async def test_it_is_guessed_no_oftener_than_any_password(auth: House, admin: Made) -> None:
    answers = [await outcome(auth, admin.username) for _ in range(14)]

    assert {"INVALID_CREDENTIALS", "TOO_MANY_ATTEMPTS"} == set(answers)


async def outcome(house: House, username: str) -> str:
    try:
        await replace(house, username, "wrong")
    except Refusal as refusal:
        return refusal.reason
    return ""


async def test_a_signed_in_administrator_changes_it_as_anybody(auth: House, admin: Made) -> None:
    await replace(auth, admin.username, admin.password)
    entered = await auth.login(username=admin.username, password=NEW)

    assert await change_password(auth, entered, NEW, PASSWORD)
