"""Leaving an organization, and handing it over."""

import asyncio

import pytest
from orrery.auth.organizations.v1.events_pb2 import MemberRemoved, OwnershipTransferred
from orrery.auth.v1 import api_keys_pb2
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Conflict, Forbidden, NotFound
from tests.services.auth.api_keys.administrators import identify
from tests.services.auth.house import House, claims
from tests.services.auth.organizations.people import Company, Person, company, person


async def remove(made: Company, who: Person, by: Person | None = None) -> None:
    request = pb.RemoveMemberRequest(id=made.id, user_id=who.id)
    await (by or made.owner).call("RemoveMember", request, pb.RemoveMemberResponse)


async def leave(made: Company, who: Person) -> None:
    await who.call("LeaveOrganization", pb.LeaveOrganizationRequest(id=made.id), pb.LeaveOrganizationResponse)


async def transfer(made: Company, to: Person, by: Person | None = None) -> pb.Organization:
    request = pb.TransferOrganizationRequest(id=made.id, user_id=to.id)
    return await (by or made.owner).call("TransferOrganization", request, pb.Organization)


async def test_keys_of_who_leaves_go_on_in_the_owners_name(auth: House) -> None:
    made = await company(auth)
    admin = await made.hire("ADMIN")
    permits = [api_keys_pb2.ApiPermission(resource=one, actions=["read", "update"]) for one in ("media", "profile")]
    request = api_keys_pb2.CreateApiKeyRequest(id=made.id, name="Nightly", permissions=permits)
    value = (await admin.call("CreateApiKey", request, api_keys_pb2.ShownApiKey)).key
    assert "profile:write" in (await identify(auth, value)).identity.scopes

    await remove(made, admin)

    identity = (await identify(auth, value)).identity
    assert identity.user_id == made.owner.user_id
    assert list(identity.scopes) == ["media:read", "media:write"]
    assert [one.resource for one in identity.grants] == ["media"]


async def test_no_key_reaches_the_profile_of_whoever_it_is_handed_to(auth: House) -> None:
    made = await company(auth)
    admin = await made.hire("ADMIN")
    values = []
    for resource in ("*", "profile"):
        permits = [api_keys_pb2.ApiPermission(resource=resource, actions=["read", "update"])]
        request = api_keys_pb2.CreateApiKeyRequest(id=made.id, name=resource, permissions=permits)
        values.append((await admin.call("CreateApiKey", request, api_keys_pb2.ShownApiKey)).key)

    await remove(made, admin)

    every, none = [(await identify(auth, value)).identity for value in values]
    assert "media:write" in every.scopes
    assert not [scope for scope in every.scopes if scope.startswith("profile:")]
    assert (list(none.scopes), [one.resource for one in none.grants]) == ([], ["nothing"])


async def test_leaving_is_told_as_leaving_and_the_personal_organization_remains(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    await leave(made, who)

    assert [one.reason for one in await made.staged(MemberRemoved)] == ["left"]
    assert claims((await auth.login(username=who.made.user.username)).token)["org"] != made.id


async def test_who_leaves_the_only_organization_gets_a_personal_one(auth: House) -> None:
    made = await company(auth)
    token = (await made.invite("only@example.com")).token
    await auth.register_tenant("only_here", email="only@example.com", invitation_token=token)
    signed_in = await auth.login(username="only_here")
    who = Person(auth, signed_in, signed_in.token)

    await leave(made, who)

    assert claims((await auth.login(username="only_here")).token)["roles"] == ["ADMIN"]


async def test_nobody_leaves_a_personal_organization(auth: House) -> None:
    who = await person(auth)
    personal = Company(auth, who, claims(who.token)["org"], "")

    for attempt in (leave(personal, who), transfer(personal, who)):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.reason == "PERSONAL_STAYS"


async def test_the_owner_hands_over_and_may_then_leave(auth: House) -> None:
    made = await company(auth)
    heir = await made.hire()

    changed = await transfer(made, heir)

    assert changed.owner_id == heir.id
    assert (await made.member(heir)).role == "ADMIN"
    assert await made.staged(OwnershipTransferred) == [
        OwnershipTransferred(organization_id=made.id, user_id=heir.user_id, previous_user_id=made.owner.user_id)
    ]
    await leave(made, made.owner)
    assert await made.admins() == 1


async def test_only_the_owner_hands_over_and_only_to_a_member(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)
    admin = await made.hire("ADMIN")

    with pytest.raises(Forbidden):
        await transfer(made, admin, by=admin)
    with pytest.raises(NotFound):
        await transfer(made, stranger)


async def test_handing_over_while_the_heir_is_removed_leaves_an_owner(auth: House) -> None:
    made = await company(auth)
    heir = await made.hire("ADMIN")

    await asyncio.gather(transfer(made, heir), remove(made, heir), leave(made, heir), return_exceptions=True)

    (row,) = await auth.sql("SELECT owner_id FROM organization WHERE id = CAST(:id AS uuid)", id=made.id)
    assert row.owner_id in (made.owner.user_id, heir.user_id)
    assert await made.admins() >= 1


async def test_nothing_is_handed_over_to_a_suspended_account(auth: House) -> None:
    made = await company(auth)
    heir = await made.hire("ADMIN")
    await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=heir.user_id)

    with pytest.raises(Conflict) as refused:
        await transfer(made, heir)

    assert refused.value.reason == "HEIR_SUSPENDED"
