"""Roles that are limited to some fields: gateways leave the others out, of the organization that a session acts for."""

from typing import Any

import pytest
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Refusal
from tests.services.auth.house import House
from tests.services.auth.organizations.people import Company, Person, company, permission, person

ALL = ("create", "read", "update", "delete")


async def elsewhere(made: Company, role: str) -> Person:
    """A member in this role whose session acts for their personal organization."""
    who = await person(made.auth)
    invited = await made.invite(who.email, role)
    await who.call("AcceptInvitation", pb.AcceptInvitationRequest(token=invited.token), pb.Member)
    return who


async def refusal(attempt: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await attempt
    return refused.value.reason


async def test_a_session_of_another_organization_goes_round_no_limit_of_fields(auth: House) -> None:
    made = await company(auth)
    limited = [permission(part, *ALL, fields=("id", "userId", "name")) for part in ("members", "invitations", "roles")]
    await made.role("Clerks", *limited, permission("organizations", "read", "update", fields=("id", "name")))
    who = await elsewhere(made, "Clerks")

    for attempt in (
        who.call("ListMembers", pb.ListMembersRequest(id=made.id), pb.ListMembersResponse),
        who.call("GetMember", pb.GetMemberRequest(id=made.id, user_id=who.id), pb.Member),
        who.call("ListInvitations", pb.ListInvitationsRequest(id=made.id), pb.ListInvitationsResponse),
        who.call("ListRoles", pb.ListRolesRequest(id=made.id), pb.ListRolesResponse),
        who.call("GetSettings", pb.GetSettingsRequest(id=made.id), pb.OrganizationSettings),
        who.call("UpdateOrganization", pb.UpdateOrganizationRequest(id=made.id, slug="taken-over"), pb.Organization),
        who.call(
            "UpdateSettings", pb.UpdateSettingsRequest(id=made.id, timezone="Asia/Tokyo"), pb.OrganizationSettings
        ),
        made.role("More", permission("members", "read", fields=("id",)), by=who),
        made.invite("more@example.com", "Clerks", by=who),
    ):
        assert await refusal(attempt) == "ORGANIZATION_NOT_ENTERED"
    await who.enter(made.id)
    assert len((await who.call("ListRoles", pb.ListRolesRequest(id=made.id), pb.ListRolesResponse)).items) == 3


async def test_a_role_without_limits_acts_from_any_session(auth: House) -> None:
    made = await company(auth)
    await made.role("Clerks", permission("roles", "read"), permission("members", "read", filters=b'{"role":"Clerks"}'))
    who = await elsewhere(made, "Clerks")

    members = await who.call("ListMembers", pb.ListMembersRequest(id=made.id), pb.ListMembersResponse)

    assert [one.user_id for one in members.items] == [who.id]
    assert len((await who.call("ListRoles", pb.ListRolesRequest(id=made.id), pb.ListRolesResponse)).items) == 3


@pytest.mark.parametrize(("fields", "is_seen"), [((), True), (("id", "settings"), True), (("id", "name"), False)])
async def test_settings_are_part_of_the_organization_for_whom_the_role_lets_see_them(
    auth: House, fields: tuple[str, ...], is_seen: bool
) -> None:
    made = await company(auth)
    await made.role("Clerks", permission("organizations", "read", fields=fields))
    who = await (await elsewhere(made, "Clerks")).enter(made.id)

    shown = await who.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)

    assert shown.HasField("settings") == is_seen
