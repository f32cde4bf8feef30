"""MembersService."""

import asyncio

import pytest
from orrery.auth.organizations.v1.events_pb2 import MemberRemoved, MemberRoleChanged
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import accounts_pb2
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.types.v1.types_pb2 import Filter, ListQuery

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Precondition, Unauthenticated
from tests.services.auth.house import House, Visitor, claims
from tests.services.auth.organizations.people import Company, Person, company, permission, person


async def remove(made: Company, who: Person, by: Person | None = None) -> None:
    request = pb.RemoveMemberRequest(id=made.id, user_id=who.id)
    await (by or made.owner).call("RemoveMember", request, pb.RemoveMemberResponse)


async def leave(made: Company, who: Person) -> None:
    await who.call("LeaveOrganization", pb.LeaveOrganizationRequest(id=made.id), pb.LeaveOrganizationResponse)


async def transfer(made: Company, to: Person, by: Person | None = None) -> pb.Organization:
    request = pb.TransferOrganizationRequest(id=made.id, user_id=to.id)
    return await (by or made.owner).call("TransferOrganization", request, pb.Organization)


async def listed(made: Company, by: Person, query: ListQuery | None = None) -> list[pb.Member]:
    request = pb.ListMembersRequest(id=made.id, query=query)
    return list((await by.call("ListMembers", request, pb.ListMembersResponse)).items)


async def test_members_are_listed_in_the_order_they_joined(auth: House) -> None:
    made = await company(auth)
    one, other = await made.hire(), await made.hire("ADMIN")

    found = await listed(made, made.owner)

    assert [each.user_id for each in found] == [made.owner.id, one.id, other.id]
    assert [each.role for each in found] == ["ADMIN", "OPERATOR", "ADMIN"]
    assert [each.is_owner for each in found] == [True, False, False]
    assert [each.email for each in found] == [made.owner.email, one.email, other.email]


async def test_an_operator_sees_colleagues_without_addresses_and_cannot_filter_by_them(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    found = await listed(made, operator)

    assert [each.email for each in found] == ["", operator.email]
    with pytest.raises(Invalid):
        await listed(made, operator, ListQuery(filters=[Filter(field="email", op="starts_with", value="a")]))


async def test_an_admin_gives_a_role_and_it_holds_at_once(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    changed = await made.promote(who, "ADMIN")

    assert (changed.role, changed.version) == ("ADMIN", 2)
    assert await made.staged(MemberRoleChanged) == [
        MemberRoleChanged(organization_id=made.id, user_id=who.user_id, role="ADMIN", previous_role="OPERATOR")
    ]
    told = [one for one in await auth.staged(CredentialsInvalidated) if one.key == f"{made.id}:{who.user_id}"]
    assert len(told) == 1
    assert claims((await who.renewed()).token)["roles"] == ["ADMIN"]


async def test_the_same_role_again_is_silent(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    assert (await made.promote(who, "OPERATOR")).version == 1
    assert await made.staged(MemberRoleChanged) == []


@pytest.mark.parametrize("role", ["admin", "OWNER", "", "\u0410DMIN"])
async def test_an_unknown_role_is_refused(auth: House, role: str) -> None:
    made = await company(auth)
    who = await made.hire()

    with pytest.raises(Invalid) as refused:
        await made.promote(who, role)

    assert [one.field for one in refused.value.violations] == ["role"]


async def test_a_role_of_another_organization_is_unknown(auth: House) -> None:
    made, other = await company(auth), await company(auth)
    await other.role("Auditors", permission("audit", "read"))
    who = await made.hire()

    with pytest.raises(Invalid):
        await made.promote(who, "Auditors")


async def test_an_operator_gives_no_roles(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    with pytest.raises(Forbidden):
        await made.promote(operator, "ADMIN", by=operator)


async def test_the_owner_is_neither_demoted_nor_removed_and_does_not_leave(auth: House) -> None:
    made = await company(auth)
    admin = await made.hire("ADMIN")

    for attempt in (
        made.promote(made.owner, "OPERATOR", by=admin),
        remove(made, made.owner, admin),
        leave(made, made.owner),
    ):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.reason == "OWNER_STAYS"


async def test_two_admins_who_demote_each_other_leave_one_admin(auth: House) -> None:
    made = await company(auth)
    one, other = await made.hire("ADMIN"), await made.hire("ADMIN")

    outcomes = await asyncio.gather(
        made.promote(one, "OPERATOR", by=other),
        made.promote(other, "OPERATOR", by=one),
        made.promote(made.owner, "OPERATOR", by=one),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, pb.Member) for outcome in outcomes) == 1
    assert await made.admins() == 2


async def test_the_last_admin_stays_even_where_nobody_owns_the_organization(auth: House) -> None:
    made = await company(auth)
    one = await made.hire("ADMIN")
    await auth.sql("UPDATE organization SET owner_id = NULL WHERE id = CAST(:id AS uuid)", id=made.id)

    outcomes = await asyncio.gather(
        made.promote(one, "OPERATOR", by=made.owner),
        made.promote(made.owner, "OPERATOR", by=one),
        remove(made, one, one),
        remove(made, made.owner, made.owner),
        return_exceptions=True,
    )

    assert await made.admins() == 1
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) >= 3


async def test_a_removed_member_is_out_at_once(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()

    await remove(made, who)

    with pytest.raises(Unauthenticated):
        await auth.refresh(who.made.refresh_token)
    with pytest.raises(NotFound):
        await who.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)
    assert await made.staged(MemberRemoved) == [
        MemberRemoved(organization_id=made.id, user_id=who.user_id, reason="removed", role="OPERATOR")
    ]


async def test_an_outdated_version_is_refused(auth: House) -> None:
    made = await company(auth)
    who = await made.hire()
    await made.promote(who, "ADMIN", expected_version=1)

    with pytest.raises(Precondition):
        await made.promote(who, "OPERATOR", expected_version=1)


async def test_strangers_and_what_is_no_id_are_no_members(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    for id_ in (stranger.id, "x", ""):
        with pytest.raises(NotFound):
            await made.owner.call("GetMember", pb.GetMemberRequest(id=made.id, user_id=id_), pb.Member)


async def test_a_role_reaches_the_members_that_it_names(auth: House) -> None:
    made = await company(auth)
    await made.role("Weak", permission("orders", "read"))
    only_weak = b'{"role":"Weak"}'
    await made.role(
        "Tutors", permission("members", "read", "update", "delete", filters=only_weak), permission("orders", "read")
    )
    tutor, weak, operator = [await made.hire(role) for role in ("Tutors", "Weak", "OPERATOR")]

    assert [each.user_id for each in await listed(made, tutor)] == [weak.id]
    assert (await made.member(weak, by=tutor)).role == "Weak"
    for hidden in (made.owner, operator, tutor):
        for attempt in (
            made.member(hidden, by=tutor),
            made.promote(hidden, "Weak", by=tutor),
            remove(made, hidden, tutor),
        ):
            with pytest.raises(NotFound):
                await attempt
    await remove(made, weak, tutor)


async def test_each_permission_shows_its_own_fields_of_its_own_members_alone(auth: House) -> None:
    made = await company(auth)
    await made.role(
        "Clerks",
        permission("members", "read", filters=b'{"role":"OPERATOR"}'),
        permission("organizations", "read", fields=("userId", "username")),
    )
    clerk, operator = [await made.hire(role) for role in ("Clerks", "OPERATOR")]

    seen = {one.user_id: {field.json_name for field, _ in one.ListFields()} for one in await listed(made, clerk)}

    reduced = {"userId", "organizationId", "username", "version"}
    assert seen[operator.id] >= reduced | {"role", "isOwner", "status", "joinedAt"}
    assert seen[made.owner.id] == reduced
    assert {field.json_name for field, _ in (await made.member(made.owner, by=clerk)).ListFields()} == reduced
    for query in (ListQuery(sort=["role"]), ListQuery(filters=[Filter(field="status", op="eq", value="active")])):
        with pytest.raises(Invalid):
            await listed(made, clerk, query)
    assert [one.user_id for one in await listed(made, clerk, ListQuery(sort=["-username"], search="nobody"))] == []


async def test_a_member_is_another_version_when_the_account_behind_is(auth: House) -> None:
    made, other = await company(auth), await company(auth)
    who = await made.hire()
    invited = await other.invite(who.email)
    await who.call("AcceptInvitation", pb.AcceptInvitationRequest(token=invited.token), pb.Member)
    before = (await made.member(who)).version, (await other.member(who)).version

    await who.call("UpdateMe", accounts_pb2.UpdateMeRequest(display_name="Somebody else"), accounts_pb2.Account)
    await auth.sql("INSERT INTO user_2fa (user_id, is_enabled) VALUES (:id, true)", id=who.user_id)

    assert ((await made.member(who)).version, (await other.member(who)).version) == (before[0] + 2, before[1] + 2)


async def test_an_organization_asks_for_its_networks_whichever_the_session_acts_for(auth: House) -> None:
    made = await company(auth)
    who = await made.hire("ADMIN")
    elsewhere = Visitor(address="203.0.113.5", token=(await auth.login(username=who.made.user.username)).token)
    request = pb.UpdateSettingsRequest(id=made.id)
    request.ip_whitelist.json = b'["198.51.100.0/24"]'
    await made.owner.call("UpdateSettings", request, pb.OrganizationSettings)

    with pytest.raises(Forbidden) as refused:
        await auth.call("ListMembers", pb.ListMembersRequest(id=made.id), pb.ListMembersResponse, elsewhere)

    assert refused.value.reason == "ADDRESS_NOT_ALLOWED"
    assert len(await listed(made, made.owner)) == 2
