"""UsersService: what the caller says of themselves."""

import asyncio
from typing import Any

import pytest
from orrery.auth.users.v1.events_pb2 import ProfileUpdated
from orrery.auth.v1 import users_pb2 as pb
from orrery.types.v1.types_pb2 import RawJson

from libs.errors import Invalid, Precondition
from tests.services.auth.house import House, claims
from tests.services.auth.organizations.people import Person, person

DOCUMENT = b'{ "b":5,"a" : 5.0, "long": 123456789012345678901234567890, "\\u00e9": [1e2, null] }'


async def me(who: Person) -> pb.User:
    return await who.call("GetCurrentUser", pb.GetCurrentUserRequest(), pb.User)


async def change(who: Person, **changes: Any) -> pb.User:
    return await who.call("UpdateCurrentUser", pb.UpdateCurrentUserRequest(**changes), pb.User)


async def test_people_see_all_of_themselves(auth: House) -> None:
    who = await person(auth, display_name="Ada")

    found = await me(who)

    assert (found.id, found.email, found.display_name) == (who.id, who.email, "Ada")
    assert (found.organization_id, found.role.name) == (claims(who.token)["org"], "ADMIN")
    assert found.last_login_at


async def test_what_is_absent_stays_and_what_is_empty_goes(auth: House) -> None:
    who = await person(auth)

    one = await change(who, first_name="Ada", last_name="Lovelace", avatar="https://example.com/a.png?size=2#x")
    other = await change(who, last_name="", metadata=RawJson(json=DOCUMENT))

    assert (one.first_name, one.last_name, one.avatar) == ("Ada", "Lovelace", "https://example.com/a.png?size=2#x")
    assert (other.first_name, other.HasField("last_name")) == ("Ada", False)
    assert other.version == one.version + 1
    assert await me(who) == other


async def test_metadata_comes_back_byte_by_byte(auth: House) -> None:
    who = await person(auth)

    await change(who, metadata=RawJson(json=DOCUMENT))

    assert (await me(who)).metadata.json == DOCUMENT


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"avatar": "http://example.com/a.png"}, "avatar"),
        ({"avatar": "javascript:alert(1)"}, "avatar"),
        ({"avatar": "https://user:pw@example.com/"}, "avatar"),
        ({"avatar": "https://"}, "avatar"),
        ({"avatar": "https://exa mple.com/"}, "avatar"),
        ({"avatar": "https://example.com:99999/"}, "avatar"),
        ({"avatar": 'https://example.com/"><script>'}, "avatar"),
        ({"avatar": "https://example.com/" + "a" * 2048}, "avatar"),
        ({"first_name": "\u202eadA"}, "firstName"),
        ({"last_name": "a\nb"}, "lastName"),
        ({"first_name": "x" * 101}, "firstName"),
        ({"metadata": RawJson(json=b"[]")}, "metadata"),
        ({"metadata": RawJson(json=b"null")}, "metadata"),
        ({"metadata": RawJson(json=b'{"a":"' + b"x" * 16_400 + b'"}')}, "metadata"),
    ],
)
async def test_wrong_values_are_refused(auth: House, wrong: dict[str, Any], field: str) -> None:
    who = await person(auth)

    with pytest.raises(Invalid) as refused:
        await change(who, **wrong)

    assert [one.field for one in refused.value.violations] == [field]


async def test_the_fleet_hears_which_fields_changed_but_not_their_values(auth: House) -> None:
    who = await person(auth)

    await change(who, first_name="Ada", metadata=RawJson(json=b"{}"))
    await change(who, first_name="Ada")

    assert await auth.events(who.user_id, ProfileUpdated) == [
        ProfileUpdated(user_id=who.user_id, changed=["firstName"])
    ]


async def test_of_two_who_saw_the_same_version_one_changes_it(auth: House) -> None:
    who = await person(auth)
    version = (await me(who)).version

    outcomes = await asyncio.gather(
        *(change(who, first_name=f"Ada{at}", expected_version=version) for at in range(5)), return_exceptions=True
    )

    assert sum(isinstance(one, pb.User) for one in outcomes) == 1
    assert sum(isinstance(one, Precondition) for one in outcomes) == 4


async def test_signing_in_again_moves_the_last_login_and_not_the_version(auth: House) -> None:
    who = await person(auth)
    before = await me(who)

    await auth.login(username=who.made.user.username)

    after = await me(who)
    assert after.last_login_at > before.last_login_at
    assert after.version == before.version
