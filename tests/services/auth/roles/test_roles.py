"""RolesService: an organization's own roles."""

import asyncio
from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import RoleCreated, RoleDeleted, RoleUpdated
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import accounts_pb2
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Conflict, Invalid, NotFound, Precondition, Refusal
from tests.services.auth.house import House, claims
from tests.services.auth.organizations.people import Company, Person, company, permission

READS = permission("orders", "read")


async def roles(made: Company, by: Person | None = None) -> list[pb.Role]:
    request = pb.ListRolesRequest(id=made.id)
    return list((await (by or made.owner).call("ListRoles", request, pb.ListRolesResponse)).items)


async def change(made: Company, role: pb.Role, by: Person | None = None, **changes: Any) -> pb.Role:
    request = pb.UpdateRoleRequest(id=made.id, role_id=role.id, **changes)
    return await (by or made.owner).call("UpdateRole", request, pb.Role)


async def delete(made: Company, role: pb.Role, by: Person | None = None) -> None:
    request = pb.DeleteRoleRequest(id=made.id, role_id=role.id)
    await (by or made.owner).call("DeleteRole", request, pb.DeleteRoleResponse)


async def refusal(attempt: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await attempt
    return refused.value.reason


async def test_every_organization_has_the_two_system_roles(auth: House) -> None:
    made = await company(auth)

    found = await roles(made)

    assert sorted((one.name, one.is_system) for one in found) == [("ADMIN", True), ("OPERATOR", True)]


async def test_a_role_is_kept_as_it_was_made(auth: House) -> None:
    made = await company(auth)
    asked = permission("orders", "update", "read", fields=("id", "total"), filters=b'{"region":"eu","count":5}')

    role = await made.role("Order keepers", asked)

    (kept,) = role.permissions
    assert (kept.resource, list(kept.actions)) == ("orders", ["read", "update"])
    assert list(kept.conditions.fields) == ["id", "total"]
    assert kept.conditions.filters.json == b'{"region":"eu","count":5}'
    assert (role.is_system, role.version) == (False, 1)
    assert [one.name for one in await made.staged(RoleCreated)] == ["Order keepers"]


async def test_an_access_token_says_what_the_role_permits(auth: House) -> None:
    made = await company(auth)
    await made.role("Readers", permission("media", "read"), permission("orders", "read", fields=("id",)))

    reader = await made.hire("Readers")

    said = claims(reader.token)
    assert said["roles"] == ["Readers"]
    assert sorted(said["scope"].split()) == [
        "media:read",
        "organizations:read",
        "profile:read",
        "profile:write",
        "resources:read",
    ]
    assert said["grt"][2:] == [["media", "r"], ["orders", "r", ["id"]]]
    assert (await auth.me(reader.token)).id == reader.id


async def test_the_system_roles_have_every_scope_and_no_grants(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    for who in (made.owner, operator):
        assert claims(who.token)["scope"] == "*"
        assert "grt" not in claims(who.token)


async def test_what_a_role_does_not_permit_is_refused_by_every_service(auth: House) -> None:
    made = await company(auth)
    await made.role("Silent", READS)
    silent = await made.hire("Silent")

    request = pb.ListMembersRequest(id=made.id)
    assert await refusal(silent.call("ListMembers", request, pb.ListMembersResponse)) == "ACTION_MISSING"
    renamed = accounts_pb2.UpdateMeRequest(display_name="Me")
    await silent.call("UpdateMe", renamed, accounts_pb2.Account)
    await silent.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)


@pytest.mark.parametrize(
    "name",
    [
        "ADMIN",
        "admin",
        "OPERATOR",
        "Operator",
        "\u0410DMIN",
        "AD\u041cIN",
        "\uff21\uff24\uff2d\uff29\uff2e",
        "ADM\u200bIN",
        "\u0430dmin",
    ],
)
async def test_no_role_looks_like_a_system_role(auth: House, name: str) -> None:
    made = await company(auth)

    with pytest.raises(Refusal) as refused:
        await made.role(name, READS)

    assert isinstance(refused.value, Conflict | Invalid)


async def test_two_roles_that_look_alike_are_one_also_when_made_at_once(auth: House) -> None:
    made = await company(auth)

    outcomes = await asyncio.gather(
        made.role("Sales", READS),
        made.role("SALES", READS),
        made.role("\u0405ales", READS),
        return_exceptions=True,
    )

    assert sum(isinstance(one, pb.Role) for one in outcomes) == 1
    assert all(one.reason == "ROLE_NAME_TAKEN" for one in outcomes if isinstance(one, Refusal))
    await made.role("営業", READS)


@pytest.mark.parametrize("name", ["", " Sales", "Sales ", "a\x00b", "\u202eselaS", "x" * 51, "\ufdfa" * 50])
async def test_names_that_cannot_be_read_are_refused(auth: House, name: str) -> None:
    made = await company(auth)

    with pytest.raises(Invalid):
        await made.role(name, READS)


@pytest.mark.parametrize(
    "wrong",
    [
        pb.Permission(resource="", actions=["read"]),
        pb.Permission(resource="orders", actions=["destroy"]),
        pb.Permission(resource="orders", actions=[]),
        permission("*", "read", fields=("id",)),
        permission("media", "read", filters=b'{"a":"b"}'),
        permission("orders", "read", filters=b'["a"]'),
        permission("orders", "read", filters=b'{"a": {"b": 1}}'),
        permission("orders", "read", filters=b'{"a": NaN}'),
        permission("orders", "read", filters=b'{"a": "\\u0000"}'),
        permission("orders", "read", filters=b"{"),
    ],
)
async def test_wrong_permissions_are_refused(auth: House, wrong: pb.Permission) -> None:
    made = await company(auth)

    with pytest.raises(Invalid):
        await made.role("Wrong", wrong)


async def test_more_permissions_than_a_token_holds_are_refused(auth: House) -> None:
    made = await company(auth)
    many = [permission(f"type{at:02}", "read", fields=tuple(f"field{n:02}" for n in range(10))) for at in range(40)]

    with pytest.raises(Invalid) as refused:
        await made.role("Everything", *many)

    assert [one.code for one in refused.value.violations] == ["too_long"]


async def test_the_largest_role_still_fits_a_token(auth: House) -> None:
    made = await company(auth)
    await made.role("Large", *(permission(f"type{at:03}", "read", fields=("id", "name")) for at in range(90)))

    large = await made.hire("Large")

    assert len(large.token) < 8 * 1024
    assert (await auth.me(large.token)).id == large.id


async def test_a_changed_role_renews_its_members_tokens(auth: House) -> None:
    made = await company(auth)
    role = await made.role("Sellers", READS)
    seller = await made.hire("Sellers")

    changed = await change(made, role, name="Traders", permissions=[permission("orders", "read", "create")])

    assert (changed.name, changed.version) == ("Traders", 2)
    assert (await made.member(seller)).role == "Traders"
    told = [one for one in await auth.staged(CredentialsInvalidated) if one.key == f"{made.id}:{seller.user_id}"]
    assert len(told) == 1
    said = claims((await seller.renewed()).token)
    assert (said["roles"], said["grt"][2:]) == (["Traders"], [["orders", "cr"]])
    (event,) = await made.staged(RoleUpdated)
    assert [one.field for one in event.changes] == ["name", "permissions"]


async def test_an_outdated_version_is_refused(auth: House) -> None:
    made = await company(auth)
    role = await made.role("Sellers", READS)
    await change(made, role, description="one")

    with pytest.raises(Precondition):
        await change(made, role, description="two", expected_version=1)


async def test_system_roles_are_never_changed(auth: House) -> None:
    made = await company(auth)

    for role in await roles(made):
        assert await refusal(change(made, role, description="mine")) == "SYSTEM_ROLE_STAYS"
        assert await refusal(delete(made, role)) == "SYSTEM_ROLE_STAYS"


async def test_a_role_that_somebody_has_or_is_invited_to_stays(auth: House) -> None:
    made = await company(auth)
    role, other = await made.role("Held", READS), await made.role("Promised", READS)
    holder = await made.hire("Held")
    invited = await made.invite("promised@example.com", "Promised")

    assert await refusal(delete(made, role)) == "ROLE_IN_USE"
    assert await refusal(delete(made, other)) == "ROLE_IN_USE"

    await made.promote(holder, "OPERATOR")
    await delete(made, role)
    request = pb.RevokeInvitationRequest(id=made.id, invitation_id=invited.id)
    await made.owner.call("RevokeInvitation", request, pb.RevokeInvitationResponse)
    await delete(made, other)
    assert [one.name for one in await made.staged(RoleDeleted)] == ["Held", "Promised"]


async def test_a_role_given_while_it_is_deleted_is_either_gone_or_held(auth: House) -> None:
    made = await company(auth)
    for at in range(4):
        role, who = await made.role(f"Fleeting {at}", READS), await made.hire()

        await asyncio.gather(delete(made, role), made.promote(who, role.name), return_exceptions=True)

        names = [one.name for one in await roles(made)]
        assert (await made.member(who)).role in names


async def test_a_role_of_another_organization_is_none(auth: House) -> None:
    made, other = await company(auth), await company(auth)
    role = await other.role("Theirs", READS)

    for attempt in (change(made, role, description="x"), delete(made, role)):
        with pytest.raises(NotFound):
            await attempt
