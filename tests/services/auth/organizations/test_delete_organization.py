"""OrganizationsService.DeleteOrganization."""

from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import OrganizationDeleted
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Conflict, Forbidden, NotFound, Precondition, Unauthenticated
from tests.services.auth.house import House, claims
from tests.services.auth.organizations.people import Company, Person, company, make_platform_admin, person


async def delete(made: Company, by: Person | None = None, **more: Any) -> None:
    request = pb.DeleteOrganizationRequest(id=made.id, **more)
    await (by or made.owner).call("DeleteOrganization", request, pb.DeleteOrganizationResponse)


async def test_it_is_gone_for_its_owner_and_its_domain_is_free(auth: House) -> None:
    made = await company(auth, domain="gone.example.com")

    await delete(made)

    with pytest.raises(NotFound):
        await made.owner.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)
    listed = await made.owner.call("ListOrganizations", pb.ListOrganizationsRequest(), pb.ListOrganizationsResponse)
    assert made.id not in [one.id for one in listed.items]
    await company(auth, domain="gone.example.com")
    assert await made.staged(OrganizationDeleted) == [
        OrganizationDeleted(organization_id=made.id, slug=made.slug, domain="gone.example.com")
    ]
    assert [(one.kind, one.id) for one in await made.staged(CredentialsInvalidated)] == [("organization", made.id)]


async def test_sessions_that_act_for_it_go_on_no_more(auth: House) -> None:
    made = await company(auth)

    await delete(made)

    with pytest.raises(Unauthenticated):
        await auth.refresh(made.owner.made.refresh_token)


async def test_with_other_members_its_slug_is_repeated(auth: House) -> None:
    made = await company(auth)
    await made.hire()

    for confirm in ("", "yes", made.id):
        with pytest.raises(Conflict) as refused:
            await delete(made, confirm=confirm)
        assert refused.value.reason == "CONFIRMATION_MISSING"
    await delete(made, confirm=made.slug)


async def test_only_the_owner_may(auth: House) -> None:
    made = await company(auth)
    admin = await made.hire("ADMIN")

    with pytest.raises(Forbidden) as refused:
        await delete(made, admin, confirm=made.slug)

    assert refused.value.reason == "OWNER_ONLY"


async def test_a_personal_one_stays(auth: House) -> None:
    who = await person(auth)
    personal = Company(auth, who, claims(who.token)["org"], "")

    with pytest.raises(Conflict) as refused:
        await delete(personal)

    assert refused.value.reason == "PERSONAL_STAYS"


async def test_whoever_has_no_other_gets_a_personal_one_to_sign_in_for(auth: House) -> None:
    made = await company(auth)
    email = "homeless@example.com"
    token = (await made.invite(email)).token
    joined = await auth.register_tenant("homeless", email=email, invitation_token=token)

    await delete(made, confirm=made.slug)

    signed_in = await auth.login(username="homeless")
    assert joined.tenant_id == made.id
    assert claims(signed_in.token)["org"] != made.id
    assert claims(signed_in.token)["roles"] == ["ADMIN"]


async def test_an_outdated_version_is_refused(auth: House) -> None:
    made = await company(auth)

    with pytest.raises(Precondition):
        await delete(made, expected_version=7)


async def test_a_platform_administrator_brings_it_back(auth: House) -> None:
    made, admin = await company(auth), await make_platform_admin(await person(auth))
    await delete(made)

    request = pb.UpdateOrganizationRequest(id=made.id, status="active")
    back = await admin.call("UpdateOrganization", request, pb.Organization)

    assert back.status == "active"
    await made.owner.renewed()
    assert (await made.member(made.owner)).is_owner
