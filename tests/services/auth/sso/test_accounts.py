"""Which account a subject of an issuer is: made, found, bound, or refused."""

import asyncio
import time
import uuid
from typing import Any

import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountRegistered
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.sso.v1.events_pb2 import SsoIdentityLinked, SsoRoleMapped

from tests.services.auth.house import House, Visitor, claims
from tests.services.auth.sso.issuer import Issuer
from tests.services.auth.sso.journey import Journey, person


async def registered(sso: House, **changes: Any) -> str:
    """An account of ours; its address."""
    made = await sso.register()
    for column, value in changes.items():
        statement = f"UPDATE user_account SET {column} = {value} WHERE user_id = :id"  # noqa: S608  # of this test
        await sso.sql(statement, id=made.user.user_id)
    return made.user.email


VERIFIED = {"email_verified_at": "now()"}


async def test_an_account_is_bound_by_an_address_that_both_sides_verified(journey: Journey, sso: House) -> None:
    made = await sso.register()
    await sso.sql("UPDATE user_account SET email_verified_at = now() WHERE user_id = :id", id=made.user.user_id)

    pair = await journey.enter(**person(email=made.user.email.upper()))

    assert claims(pair.access_token)["uid"] == made.user.user_id
    (linked,) = await sso.events(made.user.user_id, SsoIdentityLinked)
    assert not linked.is_new_account
    assert len(await sso.events(made.user.user_id, AccountRegistered)) == 1


@pytest.mark.parametrize("said", [False, None, "true", 1, "yes", [True]])
async def test_an_address_that_the_issuer_has_not_verified_opens_nothing(
    journey: Journey, sso: House, said: Any
) -> None:
    email = await registered(sso, **VERIFIED)

    told = await journey.through(**person(email=email, email_verified=said))

    assert (told["error"], told["error_reason"]) == ("access_denied", "SSO_ACCOUNT_EXISTS")


async def test_an_address_that_we_have_not_verified_opens_nothing(journey: Journey, sso: House) -> None:
    """Who registered with another's address must not meet them in it later."""
    email = await registered(sso)

    assert (await journey.through(**person(email=email)))["error_reason"] == "SSO_ACCOUNT_EXISTS"


async def test_an_issuer_that_is_not_trusted_with_addresses_binds_nothing(
    journey: Journey, sso: House, other: Issuer
) -> None:
    email = await registered(sso, **VERIFIED)

    told = await journey.at("other", other).through(**person(email=email))

    assert told["error_reason"] == "SSO_ACCOUNT_EXISTS"


async def test_an_account_that_a_lesser_issuer_made_is_not_bound_by_a_trusted_one(
    journey: Journey, other: Issuer
) -> None:
    """Its address was never verified for us: whoever made it may wait there for its owner."""
    who = person()
    assert "code" in await journey.at("other", other).through(**who)

    assert (await journey.through(**person(email=who["email"])))["error_reason"] == "SSO_ACCOUNT_EXISTS"


async def test_a_platform_administrator_is_not_bound(journey: Journey, sso: House) -> None:
    email = await registered(sso, **VERIFIED, is_admin="true")

    assert (await journey.through(**person(email=email)))["error_reason"] == "SSO_ACCOUNT_EXISTS"


async def test_an_address_given_to_somebody_else_at_the_issuer_opens_nothing(journey: Journey) -> None:
    who = person()
    await journey.enter(**who)

    assert (await journey.through(**person(email=who["email"])))["error_reason"] == "SSO_ACCOUNT_EXISTS"


async def test_the_same_subject_at_another_issuer_is_somebody_else(journey: Journey, sso: House, other: Issuer) -> None:
    sub = uuid.uuid4().hex
    one = claims((await journey.enter(**person(sub=sub))).access_token)
    two = claims((await journey.at("other", other).enter(**person(sub=sub))).access_token)

    assert one["uid"] != two["uid"]


async def test_a_refused_sign_in_leaves_nothing_behind(journey: Journey, sso: House, other: Issuer) -> None:
    who = person(groups=[])

    told = await journey.at("other", other).through(**who)

    assert (told["error"], told["error_reason"]) == ("access_denied", "SSO_GROUP_MISSING")
    assert await sso.sql("SELECT 1 FROM user_account WHERE email = :email", email=who["email"]) == []
    assert await sso.sql("SELECT 1 FROM sso_identity WHERE subject = :sub", sub=who["sub"]) == []


@pytest.mark.parametrize(
    ("email", "is_verified"),
    [("ada@evil.example", True), ("ada@example.com.evil.example", True), ("ada@example.com", False), (None, True)],
)
async def test_only_verified_addresses_of_the_domains_come_in(
    journey: Journey, other: Issuer, email: str | None, is_verified: bool
) -> None:
    told = await journey.at("other", other).through(**person(email=email, email_verified=is_verified))

    assert told["error_reason"] == "SSO_DOMAIN_REFUSED"


async def test_many_at_once_for_the_first_time_are_one_account(journey: Journey, sso: House) -> None:
    who = person()

    done = await asyncio.gather(*(journey.enter(**who) for _ in range(6)))

    assert len({claims(one.access_token)["uid"] for one in done}) == 1
    assert len(await sso.events(claims(done[0].access_token)["uid"], SsoIdentityLinked)) == 1


async def test_two_subjects_of_one_wished_name_get_two_usernames(journey: Journey, sso: House) -> None:
    name = f"grace_{uuid.uuid4().hex[:8]}"
    pairs = await asyncio.gather(*(journey.enter(**person(preferred_username=name)) for _ in range(4)))

    usernames = {(await sso.me(one.access_token)).username for one in pairs}
    assert len(usernames) == 4
    assert name in usernames
    assert all(one.startswith(name) for one in usernames)


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        ("ada.lovelace@example.com", "ada_lovelace_example_com"),
        ("アダ", "user"),
        ("\uff21\uff44\uff41", "Ada"),
        ("é", "user_e"),
        ("a" * 300, "a" * 90),
        ("' OR 1=1 --", "OR_1_1"),
        ("\u202eada\0", "ada"),
        ("", "ada"),
        (None, "ada"),
    ],
)
async def test_a_username_is_made_of_our_letters(
    journey: Journey, sso: House, wished: str | None, expected: str
) -> None:
    who = person(preferred_username=wished)

    assert (await sso.me((await journey.enter(**who)).access_token)).username.startswith(expected)


@pytest.mark.parametrize("name", ["", "\u202e", "a\0b", "x" * 101, "\u200b"])
async def test_a_name_that_cannot_be_shown_is_left_out(journey: Journey, sso: House, name: str) -> None:
    me = await sso.me((await journey.enter(**person(name=name))).access_token)

    assert me.display_name == me.username


@pytest.mark.parametrize("email", [None, "", "no address", "a" * 300 + "@example.com", "a\0b@example.com"])
async def test_somebody_without_an_address_gets_one_that_no_mail_reaches(
    journey: Journey, sso: House, email: str | None
) -> None:
    me = await sso.me((await journey.enter(**person(email=email))).access_token)

    assert me.email.endswith("@acme.sso.invalid")


async def test_groups_give_the_role_and_its_change_is_told(journey: Journey, sso: House) -> None:
    who = person(groups=["/else", "/staff"])
    uid = claims((await journey.enter(**who)).access_token)["uid"]

    raised = claims((await journey.enter(**{**who, "groups": ["/staff", "/admins"]})).access_token)

    assert raised["roles"] == ["ADMIN"]
    assert [(one.previous_role, one.role) for one in await sso.events(uid, SsoRoleMapped)] == [
        ("", "OPERATOR"),
        ("OPERATOR", "ADMIN"),
    ]
    ids = [CredentialsInvalidated.FromString(row.payload) for row in await sso.staged(CredentialsInvalidated)]
    assert [(one.kind, one.id) for one in ids if one.user_id == uid] == [("membership", f"{raised['org']}:{uid}")]


async def test_a_role_of_the_organizations_own_is_given_with_what_it_permits(journey: Journey, sso: House) -> None:
    await sso.sql(
        "INSERT INTO organization_role (organization_id, name, name_key, permissions)"
        " SELECT id, 'reader', 'reader', CAST(:permissions AS jsonb) FROM organization WHERE slug = 'acme'",
        permissions='[{"resource": "media", "actions": ["read"]}]',
    )

    said = claims((await journey.enter(**person(groups=["/readers"]))).access_token)
    identity = (await journey.identify(journey.issuer.access_token(**person(groups=["/readers"])))).identity

    assert said["roles"] == list(identity.roles) == ["reader"]
    assert said["scope"].split() == list(identity.scopes)
    assert "media:read" in identity.scopes
    assert not {"*", "media:write"} & set(identity.scopes)
    assert ("media", ["read"]) in [(one.resource, list(one.actions)) for one in identity.grants]


async def test_a_role_that_the_organization_does_not_have_lets_nobody_in(journey: Journey) -> None:
    told = await journey.through(**person(groups=["/ghosts"]))

    assert (told["error"], told["error_reason"]) == ("temporarily_unavailable", "SSO_ROLE_MISSING")


async def test_the_owner_of_the_organization_stays_its_admin(journey: Journey, sso: House) -> None:
    (owner,) = await sso.sql(
        "UPDATE user_account SET email_verified_at = now() WHERE user_id ="
        " (SELECT owner_id FROM organization WHERE slug = 'acme') RETURNING email"
    )

    assert claims((await journey.enter(**person(email=owner.email))).access_token)["roles"] == ["ADMIN"]


@pytest.mark.parametrize("groups", [None, [], ["/else"], "/else", {"/admins": True}, [7, None, ["/admins"]], "/admin"])
async def test_without_a_group_that_fits_the_default_role_is_given(journey: Journey, groups: Any) -> None:
    pair = await journey.enter(**person(groups=groups))

    assert claims(pair.access_token)["roles"] == ["OPERATOR"]


async def test_leaving_the_group_takes_the_role_away(journey: Journey) -> None:
    who = person(groups=["/admins"])
    assert claims((await journey.enter(**who)).access_token)["roles"] == ["ADMIN"]

    assert claims((await journey.enter(**{**who, "groups": None})).access_token)["roles"] == ["OPERATOR"]


async def test_what_the_issuer_said_before_does_not_undo_what_it_said_since(journey: Journey) -> None:
    who = person(groups=["/admins"])
    await journey.enter(**who)
    journey.issuer.claims = {"iat": now() - 60}

    late = await journey.enter(**{**who, "groups": ["/staff"]})

    assert claims(late.access_token)["roles"] == ["ADMIN"]


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize("who", ["account", "organization"])
async def test_the_suspended_stay_out(journey: Journey, sso: House, who: str) -> None:
    told = person()
    pair = claims((await journey.enter(**told)).access_token)
    statements = {
        "account": ("UPDATE user_account SET is_active = {} WHERE user_id = :uid", "false", "true"),
        "organization": ("UPDATE organization SET status = {} WHERE id = :org", "'suspended'", "'active'"),
    }
    statement, off, on = statements[who]

    async def put(value: str) -> None:
        values = {"uid": pair["uid"]} if who == "account" else {"org": pair["org"]}
        await sso.sql(statement.format(value), **values)

    await put(off)
    refused = await journey.through(**told)
    await put(on)

    assert (refused["error"], refused["error_reason"]) == ("access_denied", "SSO_ACCOUNT_INACTIVE")
    assert "code" in await journey.through(**told)


async def test_a_sign_in_acts_for_the_providers_organization_whatever_else_one_belongs_to(
    journey: Journey, sso: House
) -> None:
    made = await sso.register()
    await sso.sql("UPDATE user_account SET email_verified_at = now() WHERE user_id = :id", id=made.user.user_id)

    pair = await journey.enter(**person(email=made.user.email))

    assert claims(pair.access_token)["org"] != claims(made.token)["org"]
    assert claims((await sso.login(Visitor(), username=made.user.username)).token)["org"] == claims(made.token)["org"]
