"""SignInToAuthorize and DecideConsent."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator

import pytest
from orrery.auth.oauth.v1.events_pb2 import ConsentGiven, ConsentRefused
from orrery.auth.sessions.v1.events_pb2 import LoginRefused, SessionRevoked, SessionStarted
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.settings import DatabaseSettings
from services.auth.oauth.carried import PURPOSE
from tests.services.auth.house import House, claims, open_house
from tests.services.auth.oauth.flow import App, allowed, answered, decided, new_app, signed_in
from tests.services.auth.second_factors.people import Person, Ticking

CLOCK = Ticking()


@pytest.fixture(scope="module")
async def auth(settings: DatabaseSettings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path_factory.mktemp("keys"), clock=CLOCK) as house:
        yield house


async def test_signing_in_is_a_session_as_any_other(auth: House, app: App, person: SignedIn) -> None:
    step = await signed_in(auth, await app.begin(), person)

    started = await auth.events(person.user.user_id, SessionStarted)
    rows = await auth.sql(
        "SELECT expires_at - now() < interval '12 h' FROM session WHERE id = :id", id=started[-1].session_id
    )
    assert (step.page, step.account) == (pb.PAGE_CONSENT, person.user.username)
    assert (len(started), rows[0][0]) == (2, True)  # with the one of the registration


async def test_ending_that_session_signs_the_browser_out(auth: House, app: App, person: SignedIn) -> None:
    _, browser = await allowed(auth, await app.begin(), person)

    await auth.sql(
        "UPDATE session SET revoked_at = now(), revoked_reason = 'logout' WHERE user_id = :id", id=person.user.user_id
    )

    assert (await app.begin(browser)).page == pb.PAGE_SIGN_IN


async def test_a_wrong_password_is_counted_and_asked_for_again(auth: House, app: App, person: SignedIn) -> None:
    page = await app.begin()

    again = await signed_in(auth, page, person, password="wrong")

    assert (again.page, again.reason) == (pb.PAGE_SIGN_IN, "invalid_credentials")
    assert (again.login_hint, again.asks_otp, again.browser) == (person.user.username, False, "")
    assert len(await auth.events(person.user.user_id, LoginRefused)) == 1
    assert (await signed_in(auth, again, person, browser=page.browser)).page == pb.PAGE_CONSENT


async def test_an_unknown_name_looks_the_same(auth: House, app: App, person: SignedIn) -> None:
    page = await app.begin()

    known, unknown = [
        await signed_in(auth, page, person, password="x", username=name)
        for name in (person.user.username, "nobody_at_all")
    ]

    assert (known.reason, known.message) == (unknown.reason, unknown.message)


async def test_a_second_factor_is_asked_for_and_told_of(auth: House, app: App, person: SignedIn) -> None:
    device = Person(auth, CLOCK, person.user.user_id, person.user.username, person.token)
    await device.enable()
    page = await app.begin()

    asks = await signed_in(auth, page, person)
    wrong = await signed_in(auth, asks, person, browser=page.browser, otp_code=device.wrong())
    consent = await signed_in(auth, wrong, person, browser=page.browser, otp_code=device.code())

    assert [(one.page, one.reason, one.asks_otp) for one in (asks, wrong)] == [
        (pb.PAGE_SIGN_IN, "otp_required", True),
        (pb.PAGE_SIGN_IN, "otp_invalid", True),
    ]
    code = answered(await decided(auth, consent, consent.browser))["code"]
    assert claims((await app.redeem(code)).id_token)["amr"] == ["pwd", "otp", "mfa"]


async def test_a_backup_code_is_taken_too(auth: House, app: App, person: SignedIn) -> None:
    device = Person(auth, CLOCK, person.user.user_id, person.user.username, person.token)
    codes = await device.enable()

    consent = await signed_in(auth, await app.begin(), person, otp_code=codes[0])

    assert consent.page == pb.PAGE_CONSENT


async def test_whoever_signs_in_gets_another_cookie_and_the_old_session_ends(
    auth: House, app: App, person: SignedIn
) -> None:
    _, first = await allowed(auth, await app.begin(), person)
    other = await auth.register()
    page = await app.begin(first, prompt="login")

    step = await signed_in(auth, page, other, browser=first)

    assert step.browser not in ("", first)
    assert (await app.begin(first)).page == pb.PAGE_SIGN_IN
    assert [one.reason for one in await auth.events(person.user.user_id, SessionRevoked)] == ["replaced"]


async def test_no_means_no(auth: House, app: App, person: SignedIn) -> None:
    consent = await signed_in(auth, await app.begin(), person)

    told = answered(await decided(auth, consent, consent.browser, allow=False))

    assert told["error"] == "access_denied"
    assert len(await auth.events(person.user.user_id, ConsentRefused)) == 1
    assert await auth.events(person.user.user_id, ConsentGiven) == []


def outdated(auth: House, form: str) -> str:
    """The form as it is eleven minutes later."""
    whole = json.loads(auth.sealer.unseal(urlsafe_b64decode(form), PURPOSE))
    return urlsafe_b64encode(
        auth.sealer.seal(json.dumps(whole | {"until": whole["until"] - 660}).encode(), PURPOSE)
    ).decode()


async def test_a_page_is_good_for_ten_minutes_and_then_shown_anew(auth: House, app: App, person: SignedIn) -> None:
    page = await app.begin()
    page.request = outdated(auth, page.request)
    assert (await signed_in(auth, page, person)).page == pb.PAGE_SIGN_IN

    consent = await signed_in(auth, await app.begin(), person)
    consent.request = outdated(auth, consent.request)
    assert (await decided(auth, consent, consent.browser)).page == pb.PAGE_CONSENT


async def test_whatever_the_client_lost_meanwhile_is_not_granted(auth: House, person: SignedIn) -> None:
    app = await new_app(auth)
    consent = await signed_in(auth, await app.begin(), person)

    await auth.sql("UPDATE oauth_client SET scopes = '{openid}' WHERE id = :id", id=app.id)
    assert answered(await decided(auth, consent, consent.browser))["error"] == "invalid_scope"

    await auth.sql("UPDATE oauth_client SET redirect_uris = '{https://moved.example/}' WHERE id = :id", id=app.id)
    assert (await decided(auth, consent, consent.browser)).page == pb.PAGE_ERROR


async def test_the_code_is_for_the_organization_that_the_person_signed_in_for(
    auth: House, app: App, person: SignedIn
) -> None:
    consent = await signed_in(auth, await app.begin(), person)
    code = answered(await decided(auth, consent, consent.browser))["code"]

    said = claims((await app.redeem(code)).access_token)
    assert said["org"] == claims(person.token)["org"] != claims(app.admin.token)["org"]
    assert consent.organization == person.user.username
    assert consent.publisher == app.admin.user.username
