"""For which of a person's organizations an app acts."""

import pytest
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House, claims
from tests.services.auth.oauth.flow import App, answered, decided, signed_in

JOIN = "INSERT INTO organization_member (organization_id, user_id, role) VALUES (:organization, :person, 'OPERATOR')"
LEAVE = "DELETE FROM organization_member WHERE organization_id = :organization AND user_id = :person"
SUSPEND = "UPDATE organization SET status = 'suspended' WHERE id = :organization"


@pytest.fixture
async def second(auth: House, person: SignedIn) -> str:
    """Another organization that the person belongs to."""
    organization = str(claims((await auth.register()).token)["org"])
    await auth.sql(JOIN, organization=organization, person=person.user.user_id)
    return organization


async def test_the_person_says_which(auth: House, app: App, person: SignedIn, second: str) -> None:
    consent = await signed_in(auth, await app.begin(), person)

    step = await decided(auth, consent, consent.browser, organization_id=second)

    said = claims((await app.redeem(answered(step)["code"])).access_token)
    assert [one.id for one in consent.organizations] == [claims(person.token)["org"], second]
    assert (said["org"], said["roles"]) == (second, ["OPERATOR"])


async def test_it_is_remembered(auth: House, app: App, person: SignedIn, second: str) -> None:
    consent = await signed_in(auth, await app.begin(), person)
    await decided(auth, consent, consent.browser, organization_id=second)

    again = answered(await app.begin(consent.browser, prompt="none"))

    assert claims((await app.redeem(again["code"])).access_token)["org"] == second


@pytest.mark.parametrize("organization", ["7f6f2f1e-0000-4000-8000-000000000000", "x", "' OR 1=1"])
async def test_an_organization_that_is_none_of_theirs_is_not_taken(
    auth: House, app: App, person: SignedIn, organization: str
) -> None:
    consent = await signed_in(auth, await app.begin(), person)

    assert (await decided(auth, consent, consent.browser, organization_id=organization)).page == pb.PAGE_CONSENT


async def test_nobody_lets_an_app_into_another_tenant(auth: House, app: App, person: SignedIn) -> None:
    consent = await signed_in(auth, await app.begin(), person)
    foreign = claims(app.admin.token)["org"]

    assert (await decided(auth, consent, consent.browser, organization_id=foreign)).page == pb.PAGE_CONSENT


@pytest.mark.parametrize("ends", [LEAVE, SUSPEND], ids=["left", "suspended"])
async def test_where_they_may_not_act_any_more_they_are_asked_anew(
    auth: House, app: App, person: SignedIn, second: str, ends: str
) -> None:
    consent = await signed_in(auth, await app.begin(), person)
    tokens = await app.redeem(answered(await decided(auth, consent, consent.browser, organization_id=second))["code"])

    await auth.sql(ends, organization=second, **({"person": person.user.user_id} if ends is LEAVE else {}))

    asked = await app.begin(consent.browser)
    assert (asked.page, [one.id for one in asked.organizations]) == (pb.PAGE_CONSENT, [claims(person.token)["org"]])
    assert not (await app.introspect(tokens.refresh_token)).active
