"""AccountsService.Register."""

import asyncio

import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountRegistered
from orrery.auth.sessions.v1.events_pb2 import SessionStarted

from libs.errors import Conflict, Invalid, Refusal
from tests.services.auth.house import PASSWORD, House, Visitor, claims, name


async def test_registering_signs_in_under_every_familys_names(auth: House) -> None:
    username = name()

    made = await auth.register(username, display_name="Ada L.")

    assert (made.user.username, made.user.email) == (username, f"{username}@example.com")
    assert (made.user.display_name, made.user.is_admin) == ("Ada L.", False)
    assert made.user.user_id > 0
    assert made.token == made.access_token
    assert made.refresh_token == made.refresh_token_camel
    assert (made.token_type, made.expires_in) == ("bearer", 1800)


async def test_whoever_registers_is_the_admin_of_a_personal_organization(auth: House) -> None:
    made = await auth.register()

    said = claims(made.token)
    rows = await auth.sql(
        "SELECT o.name, o.is_personal, o.plan, m.role FROM organization o"
        " JOIN organization_member m ON m.organization_id = o.id WHERE m.user_id = :user_id",
        user_id=made.user.user_id,
    )
    assert rows == [(made.user.username, True, "free", "ADMIN")]
    assert said["roles"] == ["ADMIN"]


async def test_the_display_name_is_the_username_until_one_is_given(auth: House) -> None:
    made = await auth.register()

    assert made.user.display_name == made.user.username


async def test_the_fleet_is_told_once_by_whoever_registered(auth: House) -> None:
    made = await auth.register(visitor=Visitor("2001:db8::1", "Browser/2"))

    said, user_id = claims(made.token), made.user.user_id
    assert await auth.events(user_id, AccountRegistered) == [
        AccountRegistered(user_id=user_id, id=made.user.id, username=made.user.username, organization_id=said["org"])
    ]
    assert await auth.events(user_id, SessionStarted) == [
        SessionStarted(user_id=user_id, session_id=said["sid"], address="2001:db8::1", user_agent="Browser/2")
    ]
    staged = [row for row in await auth.staged(AccountRegistered) if row.key == str(user_id)]
    assert [(row.user_id, row.organization_id) for row in staged] == [(user_id, said["org"])]


async def test_a_username_is_taken_whatever_its_case(auth: House) -> None:
    username = name()
    await auth.register(username)

    with pytest.raises(Conflict, match="username is taken") as refused:
        await auth.register(username.upper(), email="other@example.com")

    assert refused.value.reason == "USERNAME_TAKEN"


@pytest.mark.parametrize("spelled", ["ÉLAN.{}@Example.COM", "e\u0301lan.{}@example.com"])
async def test_an_address_is_taken_whatever_its_case_and_composition(auth: House, spelled: str) -> None:
    suffix = name()
    await auth.register(email=f"\u00e9lan.{suffix}@example.com")

    with pytest.raises(Conflict, match="registered already") as refused:
        await auth.register(email=spelled.format(suffix))

    assert refused.value.reason == "EMAIL_TAKEN"


async def test_of_many_at_once_with_one_username_in_different_case_one_wins(auth: House) -> None:
    username = name()
    spellings = [username, username.upper(), username.title(), username.swapcase()] * 3
    attempts = (auth.register(one, email=f"{number}.{username}@example.com") for number, one in enumerate(spellings))

    answers = await asyncio.gather(*attempts, return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(refused) == len(spellings) - 1
    assert {type(one) for one in refused} == {Conflict}
    rows = await auth.sql("SELECT count(*) FROM user_account WHERE username_key = :key", key=username.lower())
    assert rows == [(1,)]


async def test_a_refused_registration_leaves_nothing_behind(auth: House) -> None:
    email = f"{name()}@example.com"
    await auth.register(email=email)
    counted = "SELECT (SELECT count(*) FROM user_account), (SELECT count(*) FROM organization)"
    before = await auth.sql(counted)

    with pytest.raises(Conflict):
        await auth.register(email=email)

    assert await auth.sql(counted) == before


async def test_a_password_of_64_kilobytes_is_refused_by_its_length(auth: House) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register(password="a" * 65_536)

    assert [(one.field, one.code) for one in refused.value.violations] == [("password", "too_long")]


async def test_every_field_that_is_wrong_is_told(auth: House) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register("a b", email="nowhere", password="short", display_name="\0")

    assert {one.field for one in refused.value.violations} == {"username", "email", "password", "display_name"}


@pytest.mark.parametrize(
    "username", ["ab", "a" * 101, "\u0430\u0434_\u0430", "\uff41\uff44\uff41", "ada\n", "ada-l", "ada\u200b"]
)
async def test_a_username_is_of_plain_letters_digits_and_underscores(auth: House, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register(username, email=f"{name()}@example.com")

    assert [one.field for one in refused.value.violations] == ["username"]


async def test_an_address_that_grows_too_long_in_its_normal_form_is_refused(auth: House) -> None:
    with pytest.raises(Invalid) as refused:
        await auth.register(email="a@" + "\u0130" * 200 + ".example")

    assert [one.field for one in refused.value.violations] == ["email"]


async def test_the_password_is_stored_as_argon2id_alone(auth: House) -> None:
    made = await auth.register()

    row = (await auth.sql("SELECT * FROM user_account WHERE user_id = :id", id=made.user.user_id))[0]
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(row)


async def test_two_organizations_of_one_name_have_different_slugs(auth: House) -> None:
    username = name()[:20]
    await auth.register(username)

    made = await auth.register(username.replace("_", "__"), email=f"{name()}@example.com")

    slugs = await auth.sql("SELECT slug FROM organization WHERE slug LIKE :like", like=f"{username.replace('_', '-')}%")
    assert len({slug for (slug,) in slugs}) == 2
    assert made.user.user_id


async def test_what_is_refused_is_a_refusal_and_never_a_fault(auth: House) -> None:
    odd = ["\0", "\u202e", "a" * 300, "💥", "' OR 1=1 --", "%s", "\\"]

    answers = await asyncio.gather(
        *(auth.register(one, email=one, password=one, display_name=one) for one in odd), return_exceptions=True
    )

    assert {type(answer) for answer in answers} == {Invalid}
    assert all(isinstance(answer, Refusal) and answer.violations for answer in answers)
