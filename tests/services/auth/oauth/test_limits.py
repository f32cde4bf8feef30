"""An app is no freer than its person: what their role permits and their organization asks holds for it too."""

from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House, claims
from tests.services.auth.oauth.flow import App, allowed, answered, signed_in

SETTINGS = "UPDATE organization SET settings = CAST(:settings AS jsonb) WHERE id = :id"
ROLE = """
INSERT INTO organization_role (organization_id, name, name_key, permissions)
VALUES (:id, 'CURATOR', 'curator', '[{"resource": "media", "actions": ["read"]}]')
"""


async def test_what_a_role_does_not_permit_no_app_may_either(auth: House, app: App, person: SignedIn) -> None:
    organization = claims(person.token)["org"]
    await auth.sql(ROLE, id=organization)
    await auth.sql("UPDATE organization_member SET role = 'CURATOR' WHERE user_id = :id", id=person.user.user_id)

    said = claims((await app.tokens(person, scope="openid media:write")).access_token)

    assert (said["roles"], said["scope"]) == (["CURATOR"], "openid media:write")
    assert ["media", "r"] in said["grt"]


async def test_where_the_organization_lets_people_in_from_holds_for_apps(
    auth: House, app: App, person: SignedIn
) -> None:
    organization = claims(person.token)["org"]
    settings = '{"ipWhitelist": ["198.51.100.0/24"], "security": {"sessionTimeout": 10}}'
    await auth.sql(SETTINGS, settings=settings, id=organization)

    answer = await app.tokens(person)

    said = claims(answer.access_token)
    assert (said["net"], said["exp"] - said["iat"], answer.expires_in) == (["198.51.100.0/24"], 300, 300)


async def test_nobody_signs_in_from_where_the_organization_lets_nobody_in(
    auth: House, app: App, person: SignedIn
) -> None:
    _, browser = await allowed(auth, await app.begin(), person)
    assert "code" in answered(await app.begin(browser))

    await auth.sql(SETTINGS, settings='{"ipWhitelist": ["192.0.2.0/24"]}', id=claims(person.token)["org"])

    page = await app.begin(browser)
    assert page.page == pb.PAGE_SIGN_IN
    refused = await signed_in(auth, page, person, browser=browser)
    assert (refused.page, refused.reason) == (pb.PAGE_SIGN_IN, "address_not_allowed")


async def test_a_browser_that_lies_unused_is_signed_out(auth: House, app: App, person: SignedIn) -> None:
    await auth.sql(SETTINGS, settings='{"security": {"sessionTimeout": 10}}', id=claims(person.token)["org"])
    _, browser = await allowed(auth, await app.begin(), person)
    assert "code" in answered(await app.begin(browser))

    await auth.sql(
        "UPDATE session SET last_seen_at = now() - interval '11 min' WHERE user_id = :id", id=person.user.user_id
    )

    assert (await app.begin(browser)).page == pb.PAGE_SIGN_IN
