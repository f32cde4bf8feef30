"""OrganizationsService.UpdateOrganization: names, and the platform administrator's suspension."""

from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import (
    ActionRefused,
    OrganizationResumed,
    OrganizationSuspended,
    OrganizationUpdated,
)
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Precondition, Unauthenticated
from tests.services.auth.house import House
from tests.services.auth.organizations.people import Company, Person, company, make_platform_admin, person


async def change(made: Company, by: Person | None = None, **changes: Any) -> pb.Organization:
    request = pb.UpdateOrganizationRequest(id=made.id, **changes)
    return await (by or made.owner).call("UpdateOrganization", request, pb.Organization)


async def test_what_is_absent_stays_and_the_fleet_hears_what_changed(auth: House) -> None:
    made = await company(auth, domain="old.example.com")

    changed = await change(made, name="Difference Engines", domain="new.example.com")

    assert (changed.name, changed.slug, changed.domain) == ("Difference Engines", made.slug, "new.example.com")
    assert changed.version == 2
    (told,) = await made.staged(OrganizationUpdated)
    assert [(one.field, one.old, one.new) for one in told.changes] == [
        ("name", '"Analytical Engines"', '"Difference Engines"'),
        ("domain", '"old.example.com"', '"new.example.com"'),
    ]


async def test_an_empty_domain_gives_it_up(auth: House) -> None:
    made = await company(auth, domain="given-up.example.com")

    assert not (await change(made, domain="")).HasField("domain")
    await company(auth, domain="given-up.example.com")


async def test_a_slug_of_another_is_refused(auth: House) -> None:
    made, other = await company(auth), await company(auth)

    with pytest.raises(Conflict) as refused:
        await change(made, slug=other.slug)

    assert refused.value.reason == "SLUG_TAKEN"


async def test_an_outdated_version_is_refused_and_nothing_changes(auth: House) -> None:
    made = await company(auth)
    await change(made, name="One")

    with pytest.raises(Precondition):
        await change(made, name="Two", expected_version=1)

    assert (await change(made)).name == "One"


async def test_an_operator_may_not_and_that_is_told(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    with pytest.raises(Forbidden) as refused:
        await change(made, operator, name="Mine")

    assert refused.value.reason == "ROLE_TOO_LOW"
    assert await made.staged(ActionRefused) == [
        ActionRefused(
            organization_id=made.id,
            user_id=operator.user_id,
            resource="organizations",
            action="update",
            reason="ROLE_TOO_LOW",
        )
    ]


async def test_status_and_plan_are_the_platform_administrators(auth: House) -> None:
    made = await company(auth)

    for attempt in (change(made, status="suspended"), change(made, plan="enterprise")):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert refused.value.reason == "PLATFORM_ADMIN_ONLY"


async def test_a_platform_administrator_gives_a_plan(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))

    assert (await change(made, admin, plan="professional")).plan == "professional"


async def test_a_suspended_organization_lets_nobody_in_and_is_resumed(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))
    operator = await made.hire()

    await change(made, admin, status="suspended")

    with pytest.raises(Unauthenticated):
        await auth.refresh(operator.made.refresh_token)
    assert await made.staged(OrganizationSuspended) == [OrganizationSuspended(organization_id=made.id)]
    (told,) = await made.staged(CredentialsInvalidated)
    assert (told.kind, told.id) == ("organization", made.id)
    with pytest.raises(Conflict) as refused:
        await change(made, name="Still here")
    assert refused.value.reason == "ORGANIZATION_SUSPENDED"

    await change(made, admin, status="active")

    assert await made.staged(OrganizationResumed) == [
        OrganizationResumed(organization_id=made.id, previous_status="suspended")
    ]
    await auth.refresh(operator.made.refresh_token)


async def test_deleted_is_no_status_to_set(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))

    with pytest.raises(Invalid):
        await change(made, admin, status="deleted")


async def test_a_platform_administrator_sees_no_members_from_outside(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))

    with pytest.raises(Forbidden):
        await admin.call("ListMembers", pb.ListMembersRequest(id=made.id), pb.ListMembersResponse)


async def test_a_strangers_organization_is_none(auth: House) -> None:
    made, stranger = await company(auth), await person(auth)

    with pytest.raises(NotFound) as refused:
        await change(made, stranger, name="Mine")

    assert refused.value.reason == "ORGANIZATION_NOT_FOUND"


@pytest.mark.parametrize("id", ["", "x", "11111111-2222-4333-8444-555555555555", "0" * 36])
async def test_what_is_no_id_is_not_found(auth: House, id: str) -> None:  # noqa: A002  # the field's own name
    who = await person(auth)

    with pytest.raises(NotFound):
        await who.call("GetOrganization", pb.GetOrganizationRequest(id=id), pb.Organization)
