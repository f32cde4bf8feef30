"""What organizations ask of the sessions that act for them."""

import json
from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import MemberRemoved
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated, LoginRefused, SessionRevoked, SessionSwitched
from orrery.auth.v1 import organizations_pb2, sessions_pb2, users_pb2
from orrery.auth.v1.accounts_pb2 import SignedIn
from orrery.types.v1.types_pb2 import RawJson

from libs.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.services.auth.house import PASSWORD, House, Visitor, claims
from tests.services.auth.organizations.people import Company, Person, company, make_platform_admin, person

OFFICE, HOME = Visitor("192.0.2.10"), Visitor("203.0.113.5")
OWNERS = "198.51.100.0/24"  # nobody locks themselves out


async def settle(made: Company, **settings: Any) -> None:
    request = organizations_pb2.UpdateSettingsRequest(id=made.id, **settings)
    await made.owner.call("UpdateSettings", request, organizations_pb2.OrganizationSettings)


async def time_out(made: Company, minutes: int) -> None:
    await settle(made, security={"session_timeout": minutes})


def networks(*names: str) -> RawJson:
    return RawJson(json=json.dumps(names).encode())


async def enter(auth: House, who: Person, organization_id: str, visitor: Visitor = OFFICE) -> SignedIn:
    """Sign in for this organization."""
    request = sessions_pb2.LoginRequest(
        username=who.made.user.username, password=PASSWORD, organization_id=organization_id
    )
    return await auth.call("Login", request, SignedIn, visitor)


async def switch(
    auth: House, token: str, organization_id: str, visitor: Visitor = OFFICE
) -> sessions_pb2.RefreshedTokens:
    request = sessions_pb2.RefreshRequest(refresh_token=token, organization_id_camel=organization_id)
    return await auth.call("Refresh", request, sessions_pb2.RefreshedTokens, visitor)


async def lie_unused(auth: House, who: Person, minutes: int) -> None:
    statement = "UPDATE session SET last_seen_at = now() - :minutes * interval '1 minute' WHERE user_id = :id"
    await auth.sql(statement, minutes=minutes, id=who.user_id)


async def test_a_login_acts_for_the_organization_that_it_names(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    home = claims(who.made.token)["org"]

    assert claims((await enter(auth, who, made.id)).token)["org"] == made.id
    assert claims((await auth.login(username=who.made.user.username)).token)["org"] == home


async def test_a_refresh_switches_the_session_and_the_fleet_is_told(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    home = claims(who.made.token)["org"]
    signed_in = await auth.login(OFFICE, username=who.made.user.username)

    there = await switch(auth, signed_in.refresh_token, made.id)
    stays = await auth.refresh(there.refresh_token, OFFICE)

    assert [claims(one.token)["org"] for one in (signed_in, there, stays)] == [home, made.id, made.id]
    assert {claims(one.token)["sid"] for one in (signed_in, there, stays)} == {claims(signed_in.token)["sid"]}
    (told,) = await auth.events(who.user_id, SessionSwitched)
    assert (told.previous_organization_id, told.organization_id) == (home, made.id)


async def test_nobody_enters_an_organization_that_they_do_not_belong_to(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)
    signed_in = await auth.login(OFFICE, username=stranger.made.user.username)
    nowhere = "00000000-0000-4000-8000-000000000000"

    for organization in (made.id, nowhere):
        with pytest.raises(NotFound) as refused:
            await enter(auth, stranger, organization)
        assert refused.value.reason == "ORGANIZATION_UNKNOWN"
        with pytest.raises(NotFound):
            await switch(auth, signed_in.refresh_token, organization)

    assert await auth.refresh(signed_in.refresh_token, OFFICE)  # it was not spent


async def test_a_wrong_password_tells_nothing_of_the_organization(auth: House) -> None:
    who = await person(auth)
    request = sessions_pb2.LoginRequest(
        username=who.made.user.username, password="Wrong-horse7", organization_id="00000000-0000-4000-8000-000000000000"
    )

    with pytest.raises(Unauthenticated) as refused:
        await auth.call("Login", request, SignedIn)

    assert refused.value.reason == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("organization", ["1", "{}", "not-a-uuid", "\u0661" * 36])
async def test_an_organization_is_named_by_its_id(auth: House, organization: str) -> None:
    who = await person(auth)

    with pytest.raises(Invalid):
        await enter(auth, who, organization)


async def test_a_session_that_lies_unused_for_longer_than_the_organization_allows_is_over(auth: House) -> None:
    made = await company(auth)
    await time_out(made, 30)
    who = await made.hire()
    signed_in = await enter(auth, who, made.id)

    await lie_unused(auth, who, 29)
    renewed = await auth.refresh(signed_in.refresh_token, OFFICE)
    await lie_unused(auth, who, 31)

    with pytest.raises(Unauthenticated) as refused:
        await auth.refresh(renewed.refresh_token, OFFICE)
    assert refused.value.reason == "TOKEN_EXPIRED"


async def test_a_shorter_time_holds_for_sessions_that_began_before_it(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    signed_in = await enter(auth, who, made.id)
    await time_out(made, 5)
    await lie_unused(auth, who, 6)

    with pytest.raises(Unauthenticated):
        await auth.refresh(signed_in.refresh_token, OFFICE)


@pytest.mark.parametrize(("minutes", "seconds"), [(10080, 1800), (120, 1800), (60, 1800), (30, 900), (5, 150)])
async def test_access_tokens_live_half_as_long_as_a_session_may_lie_unused(
    auth: House, minutes: int, seconds: int
) -> None:
    made = await company(auth)
    await time_out(made, minutes)
    who = await made.hire()

    signed_in = await enter(auth, who, made.id)

    said = claims(signed_in.token)
    assert (signed_in.expires_in, said["exp"] - said["iat"]) == (seconds, seconds)


async def test_a_session_ends_a_month_after_it_began_however_much_it_is_used(auth: House) -> None:
    who = await person(auth)
    statement = "UPDATE session SET created_at = now() - interval '30 days' + interval '1 h' WHERE user_id = :id"
    await auth.sql(statement, id=who.user_id)
    renewed = await auth.refresh(who.made.refresh_token)
    (row,) = await auth.sql("SELECT expires_at - now() AS left FROM session WHERE user_id = :id", id=who.user_id)
    assert row.left.total_seconds() <= 3600
    await auth.sql("UPDATE session SET created_at = now() - interval '31 days' WHERE user_id = :id", id=who.user_id)

    with pytest.raises(Unauthenticated) as refused:
        await auth.refresh(renewed.refresh_token)

    assert refused.value.reason == "TOKEN_EXPIRED"


async def test_only_the_organizations_networks_let_its_people_in(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    signed_in = await enter(auth, who, made.id)
    await settle(made, ip_whitelist=networks("192.0.2.0/24", OWNERS))

    with pytest.raises(Forbidden) as refused:
        await enter(auth, who, made.id, HOME)
    with pytest.raises(Forbidden):
        await auth.refresh(signed_in.refresh_token, HOME)

    assert refused.value.reason == "ADDRESS_NOT_ALLOWED"
    told = await auth.events(who.user_id, LoginRefused)
    assert [(one.reason, one.address) for one in told] == [("address_not_allowed", HOME.address)] * 2
    renewed = await auth.refresh(signed_in.refresh_token, OFFICE)
    assert claims(renewed.token)["net"] == ["192.0.2.0/24", OWNERS]
    assert claims((await auth.login(HOME, username=who.made.user.username)).token).get("net") is None


async def test_https_is_asked_for_where_the_organization_does(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    await settle(made, security={"require_https": True})

    with pytest.raises(Forbidden) as refused:
        await enter(auth, who, made.id)
    signed_in = await enter(auth, who, made.id, Visitor(is_secure=True))

    assert refused.value.reason == "HTTPS_REQUIRED"
    assert claims(signed_in.token)["tls"] is True


async def test_what_access_tokens_say_is_renewed_when_the_settings_change(auth: House) -> None:
    made = await company(auth)

    await settle(made, timezone="Asia/Tokyo")
    assert await made.staged(CredentialsInvalidated) == []
    await settle(made, ip_whitelist=networks("192.0.2.0/24", OWNERS))

    (told,) = await made.staged(CredentialsInvalidated)
    assert (told.kind, told.reason) == ("organization", "settings_changed")


async def test_whoever_is_taken_out_is_signed_out_there_alone(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    elsewhere = await auth.login(username=who.made.user.username)
    request = organizations_pb2.RemoveMemberRequest(id=made.id, user_id=who.id)

    await made.owner.call("RemoveMember", request, organizations_pb2.RemoveMemberResponse)

    assert len(await made.staged(MemberRemoved)) == 1
    (told,) = await auth.events(who.user_id, SessionRevoked)
    assert (told.session_id, told.reason) == (claims(who.token)["sid"], "removed")
    with pytest.raises(Unauthenticated):
        await auth.refresh(who.made.refresh_token)
    assert await auth.refresh(elsewhere.refresh_token)


async def test_a_suspended_accounts_sessions_end(auth: House) -> None:
    admin, who = await make_platform_admin(await person(auth)), await person(auth)
    request = users_pb2.UpdateUserRequest(id=who.id, status="suspended")

    await admin.call("UpdateUser", request, users_pb2.User)

    (told,) = await auth.events(who.user_id, SessionRevoked)
    assert told.reason == "suspended"
    with pytest.raises(Unauthenticated):
        await auth.refresh(who.made.refresh_token)
    await admin.call("UpdateUser", users_pb2.UpdateUserRequest(id=who.id, status="active"), users_pb2.User)
    with pytest.raises(Unauthenticated):
        await auth.refresh(who.made.refresh_token)
    assert await auth.login(username=who.made.user.username)
