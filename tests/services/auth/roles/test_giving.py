"""Nobody gives, or takes away, more than they may do themselves."""

from typing import Any

import pytest
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Forbidden, Refusal
from tests.services.auth.house import House
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


async def test_an_operator_makes_no_roles_and_reads_them(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    with pytest.raises(Forbidden):
        await made.role("Mine", READS, by=operator)
    assert len(await roles(made, operator)) == 2


async def test_nobody_puts_more_into_a_role_than_they_may_do(auth: House) -> None:
    made = await company(auth)
    own = (permission("roles", "create", "read", "update", "delete"), permission("orders", "read", fields=("id",)))
    await made.role("Clerks", *own)
    clerk = await made.hire("Clerks")

    assert (await made.role("Narrow", permission("orders", "read", fields=("id",)), by=clerk)).name == "Narrow"
    for wide in (
        permission("orders", "read"),
        permission("orders", "read", fields=("id", "total")),
        permission("orders", "update", fields=("id",)),
        permission("resources", "read"),
        permission("*", "read"),
        permission("organizations", "update"),
        permission("members", "update"),
    ):
        assert await refusal(made.role("Wide", wide, by=clerk)) == "GRANTS_TOO_MUCH"


async def test_nobody_widens_a_role_that_permits_more_than_they_may_do(auth: House) -> None:
    made = await company(auth)
    await made.role("Clerks", permission("roles", "create", "update", "delete"), READS)
    clerk = await made.hire("Clerks")
    strong = await made.role("Strong", permission("media", "read"))
    weak = await made.role("Weak", READS)

    assert await refusal(change(made, strong, clerk, description="taken over")) == "GRANTS_TOO_MUCH"
    assert await refusal(delete(made, strong, clerk)) == "GRANTS_TOO_MUCH"
    assert await refusal(change(made, weak, clerk, permissions=[permission("media", "read")])) == "GRANTS_TOO_MUCH"
    await change(made, weak, clerk, description="fine")


async def test_who_manages_members_gives_and_takes_no_more_than_they_have(auth: House) -> None:
    made = await company(auth)
    await made.role(
        "Leads", permission("members", "read", "update", "delete"), permission("invitations", "create"), READS
    )
    await made.role("Weak", READS)
    await made.role("Strong", permission("media", "read"))
    lead, weak, strong, operator = [await made.hire(one) for one in ("Leads", "Weak", "Strong", "OPERATOR")]

    for attempt in (
        made.promote(weak, "ADMIN", by=lead),
        made.promote(weak, "OPERATOR", by=lead),
        made.promote(weak, "Strong", by=lead),
        made.promote(lead, "ADMIN", by=lead),
        made.promote(strong, "Weak", by=lead),
        made.promote(operator, "Weak", by=lead),
        made.promote(made.owner, "Weak", by=lead),
        made.invite("strong@example.com", "Strong", by=lead),
        made.invite("admin@example.com", "ADMIN", by=lead),
        made.invite("operator@example.com", by=lead),
    ):
        assert await refusal(attempt) == "GRANTS_TOO_MUCH"
    assert (await made.promote(weak, "Leads", by=lead)).role == "Leads"
    await made.invite("weak@example.com", "Weak", by=lead)


async def test_filters_are_kept_when_a_role_is_passed_on(auth: House) -> None:
    made = await company(auth)
    narrow = permission("orders", "read", filters=b'{"region":"eu"}')
    await made.role("Clerks", permission("roles", "create"), narrow)
    clerk = await made.hire("Clerks")

    await made.role("Same", narrow, by=clerk)
    await made.role("Narrower", permission("orders", "read", filters=b'{"region":"eu","open":true}'), by=clerk)
    for wide in (READS, permission("orders", "read", filters=b'{"region":"us"}')):
        assert await refusal(made.role("Wide", wide, by=clerk)) == "GRANTS_TOO_MUCH"
