"""OrganizationsService.CreateOrganization."""

import asyncio

import pytest
from orrery.auth.organizations.v1.events_pb2 import OrganizationCreated
from orrery.auth.v1 import organizations_pb2 as pb

from libs.errors import Conflict, Invalid, Unauthenticated
from tests.services.auth.house import House, Visitor
from tests.services.auth.organizations.people import company, person

UNSEEN = "\u200b\u200b"
TURNED = "Bank\u202eknab"


async def test_the_founder_owns_it_and_is_its_admin(auth: House) -> None:
    who = await person(auth)

    made = await who.call("CreateOrganization", pb.CreateOrganizationRequest(name="Ada & Co"), pb.Organization)

    assert (made.name, made.slug, made.plan, made.status) == ("Ada & Co", made.slug, "free", "active")
    assert made.slug.startswith("ada-co")
    assert (made.role, made.owner_id, made.is_personal, made.version) == ("ADMIN", who.id, False, 1)
    assert made.settings.timezone == "UTC"
    assert not made.HasField("domain")


async def test_the_fleet_hears_of_it(auth: House) -> None:
    made = await company(auth)

    assert await made.staged(OrganizationCreated) == [
        OrganizationCreated(
            organization_id=made.id, name="Analytical Engines", slug=made.slug, owner_id=made.owner.user_id
        )
    ]


async def test_equal_names_get_other_slugs_and_a_chosen_slug_is_taken_once(auth: House) -> None:
    one, other = await company(auth, "Twins"), await company(auth, "Twins")
    await company(auth, slug="chosen-by-ada")

    with pytest.raises(Conflict) as refused:
        await company(auth, slug="chosen-by-ada")

    assert one.slug != other.slug
    assert refused.value.reason == "SLUG_TAKEN"


async def test_a_domain_has_one_organization_without_regard_to_case(auth: House) -> None:
    await company(auth, domain="Engines.Example.com")

    with pytest.raises(Conflict) as refused:
        await company(auth, domain="engines.EXAMPLE.com")

    assert refused.value.reason == "DOMAIN_TAKEN"


@pytest.mark.parametrize("name", [UNSEEN, TURNED, "a\nb", "x" * 201])
async def test_names_that_cannot_be_read_are_refused(auth: House, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await company(auth, name)

    assert [one.field for one in refused.value.violations] == ["name"]


@pytest.mark.parametrize("slug", ["Ada", "a", "-ada", "ada-", "a--b", "ada_b", "ада", "x" * 101])
async def test_a_slug_is_lower_case_letters_digits_and_hyphens(auth: House, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        await company(auth, slug=slug)

    assert [one.field for one in refused.value.violations] == ["slug"]


async def test_names_in_other_scripts_are_kept_as_they_are(auth: House) -> None:
    made = await company(auth, "解析機関 株式会社")

    assert (await made.owner.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)).name == (
        "解析機関 株式会社"
    )
    assert made.slug.startswith("organization")


async def test_nobody_founds_one_without_signing_in(auth: House) -> None:
    with pytest.raises(Unauthenticated):
        await auth.call("CreateOrganization", pb.CreateOrganizationRequest(name="x"), pb.Organization, Visitor())


async def test_of_many_founded_at_once_no_more_are_made_than_one_account_may_own(auth: House) -> None:
    who = await person(auth)
    await auth.sql(
        "WITH made AS (INSERT INTO organization (name, slug, is_personal)"
        " SELECT 'Many', concat('many-', CAST(:owner AS bigint), '-', n), false FROM generate_series(1, 97) n"
        " RETURNING id) SELECT count(*) FROM made",
        owner=who.user_id,
    )
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role)"
        " SELECT id, :owner, 'ADMIN' FROM organization WHERE slug LIKE concat('many-', CAST(:owner AS bigint), '-%')",
        owner=who.user_id,
    )

    request = pb.CreateOrganizationRequest(name="One more")
    founded = (who.call("CreateOrganization", request, pb.Organization) for _ in range(8))
    outcomes = await asyncio.gather(*founded, return_exceptions=True)

    assert sum(isinstance(one, pb.Organization) for one in outcomes) == 2
    refused = [one for one in outcomes if not isinstance(one, pb.Organization)]
    assert {one.reason for one in refused if isinstance(one, Conflict)} == {"TOO_MANY_ORGANIZATIONS"}
