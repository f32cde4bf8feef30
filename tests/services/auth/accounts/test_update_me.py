"""AccountsService.UpdateMe."""

import asyncio
from typing import Any

import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountUpdated
from orrery.auth.v1.accounts_pb2 import Account, SignedIn, UpdateMeRequest

from libs.errors import Conflict, Invalid, Unauthenticated
from tests.services.auth.house import House, Visitor, name


async def update(auth: House, who: SignedIn, **changes: Any) -> Account:
    return await auth.call("UpdateMe", UpdateMeRequest(**changes), Account, Visitor(token=who.token))


async def test_what_is_absent_stays(auth: House) -> None:
    made, chosen = await auth.register(display_name="Ada"), name()

    renamed = await update(auth, made, username=chosen)
    shown = await update(auth, made, display_name="Countess")

    assert (renamed.username, renamed.display_name) == (chosen, "Ada")
    assert (shown.username, shown.display_name) == (chosen, "Countess")
    assert await auth.me(made.token) == shown


async def test_the_fleet_hears_old_and_new(auth: House) -> None:
    made, chosen = await auth.register(), name()

    await update(auth, made, username=chosen, display_name="Ada")

    assert await auth.events(made.user.user_id, AccountUpdated) == [
        AccountUpdated(
            user_id=made.user.user_id,
            id=made.user.id,
            username=chosen,
            previous_username=made.user.username,
            display_name="Ada",
            previous_display_name=made.user.username,
        )
    ]


async def test_changing_nothing_is_silent(auth: House) -> None:
    made = await auth.register()

    await update(auth, made)
    await update(auth, made, username=made.user.username)

    assert await auth.events(made.user.user_id, AccountUpdated) == []


async def test_anothers_username_is_refused_whatever_its_case(auth: House) -> None:
    other, made = await auth.register(), await auth.register()

    with pytest.raises(Conflict) as refused:
        await update(auth, made, username=other.user.username.upper())

    assert refused.value.reason == "USERNAME_TAKEN"
    assert (await auth.me(made.token)).username == made.user.username


async def test_ones_own_username_may_change_its_case(auth: House) -> None:
    made = await auth.register()

    assert (await update(auth, made, username=made.user.username.upper())).username == made.user.username.upper()
    assert (await auth.login(username=made.user.username)).user.user_id == made.user.user_id


async def test_of_two_who_take_one_username_at_once_one_gets_it(auth: House) -> None:
    people, wanted = [await auth.register() for _ in range(6)], name()

    answers = await asyncio.gather(*(update(auth, one, username=wanted) for one in people), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["Account"] + ["Conflict"] * 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"username": "a"},
        {"display_name": ""},
        {"display_name": "\0"},
        {"display_name": "x" * 101},
        {"display_name": "\u200b"},
        {"display_name": "\u202egnik"},
        {"display_name": "a\u2028b"},
    ],
)
async def test_wrong_names_are_refused(auth: House, wrong: dict[str, str]) -> None:
    made = await auth.register()

    with pytest.raises(Invalid) as refused:
        await update(auth, made, **wrong)

    assert [one.field for one in refused.value.violations] == list(wrong)


async def test_a_suspended_account_changes_nothing(auth: House) -> None:
    made = await auth.register()
    await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=made.user.user_id)

    with pytest.raises(Unauthenticated):
        await update(auth, made, display_name="Still here")
