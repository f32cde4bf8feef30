"""Authorize: which requests are taken, which go back to the app, and which go nowhere."""

import pytest
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import ISSUER, House
from tests.services.auth.oauth.flow import CALLBACK, App, allowed, answered, challenge, new_app, parameters, signed_in


async def test_a_good_request_asks_who_it_is(app: App) -> None:
    step = await app.begin(login_hint="ada", ui_locales="ja en")

    assert step.page == pb.PAGE_SIGN_IN
    assert (step.client_name, list(step.scopes)) == ("Sky", ["openid", "media:read", "offline_access"])
    assert (step.login_hint, step.ui_locales, len(step.browser)) == ("ada", "ja en", 43)
    assert (step.form_target, step.destination) == ("https://app.example", "app.example")


NOWHERE = {
    "no client": {"client_id": ""},
    "an unknown client": {"client_id": "7f6f2f1e-0000-4000-8000-000000000000"},
    "a client that is none": {"client_id": "' OR 1=1 --"},
    "no uri": {"redirect_uri": ""},
    "another uri": {"redirect_uri": "https://evil.example/callback"},
    "a longer uri": {"redirect_uri": CALLBACK + "/more"},
    "a uri with a query": {"redirect_uri": CALLBACK + "?x=1"},
    "a uri with a fragment": {"redirect_uri": CALLBACK + "#x"},
    "a uri with a user": {"redirect_uri": "https://app.example@evil.example/callback"},
    "a script": {"redirect_uri": "javascript:alert(1)"},
}


@pytest.mark.parametrize("more", NOWHERE.values(), ids=NOWHERE.keys())
async def test_where_client_or_uri_are_not_proven_nobody_is_sent_anywhere(app: App, more: dict[str, str]) -> None:
    step = await app.begin(**more, prompt="none")

    assert (step.page, step.redirect, step.request) == (pb.PAGE_ERROR, "", "")


async def test_a_doubled_uri_sends_nobody_anywhere(auth: House, app: App) -> None:
    doubled = [*parameters(app.request()), pb.Parameter(name="redirect_uri", value=CALLBACK)]

    step = await auth.call("Authorize", pb.AuthorizeRequest(parameters=doubled), pb.AuthorizeStep)

    assert (step.page, step.redirect) == (pb.PAGE_ERROR, "")


BACK = {
    "no response type": ({"response_type": ""}, "invalid_request"),
    "the implicit flow": ({"response_type": "token"}, "unsupported_response_type"),
    "the hybrid flow": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "another response mode": ({"response_mode": "fragment"}, "invalid_request"),
    "no scope": ({"scope": ""}, "invalid_scope"),
    "a scope that was not registered": ({"scope": "openid forum:read"}, "invalid_scope"),
    "every scope": ({"scope": "*"}, "invalid_scope"),
    "an unknown scope": ({"scope": "openid moon:read"}, "invalid_scope"),
    "no PKCE": ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "PKCE without a method": ({"code_challenge_method": ""}, "invalid_request"),
    "a method in lower case": ({"code_challenge_method": "s256"}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "a long challenge": ({"code_challenge": "x" * 44}, "invalid_request"),
    "a padded challenge": ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
    "a request object": ({"request": "e30.e30."}, "request_not_supported"),
    "a request by reference": ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    "an unknown prompt": ({"prompt": "dance"}, "invalid_request"),
    "a prompt that contradicts itself": ({"prompt": "none login"}, "invalid_request"),
    "an age that is none": ({"max_age": "-1"}, "invalid_request"),
    "a long nonce": ({"nonce": "n" * 513}, "invalid_request"),
    "nobody signed in": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize(("more", "error"), BACK.values(), ids=BACK.keys())
async def test_an_app_is_told_by_redirection_with_state_and_issuer(app: App, more: dict[str, str], error: str) -> None:
    step = await app.begin(**more)

    told = answered(step)
    assert step.redirect.startswith(CALLBACK + "?")
    assert (told["error"], told["state"], told["iss"]) == (error, "s t/a=t&e", ISSUER)
    assert "code" not in told


async def test_a_state_that_is_too_long_is_not_sent_back(app: App) -> None:
    told = answered(await app.begin(state="s" * 2049))

    assert (told["error"], "state" in told) == ("invalid_request", False)


async def test_a_doubled_parameter_is_refused(auth: House, app: App) -> None:
    doubled = [*parameters(app.request()), pb.Parameter(name="state", value="another")]

    step = await auth.call("Authorize", pb.AuthorizeRequest(parameters=doubled), pb.AuthorizeStep)

    assert answered(step)["error"] == "invalid_request"
    assert "state" not in answered(step)


async def test_a_client_without_the_grant_type_gets_no_code(auth: House) -> None:
    app = await new_app(auth, grant_types=["client_credentials"], scopes=["media:read"])

    assert answered(await app.begin(scope="media:read"))["error"] == "unauthorized_client"


async def test_the_clients_own_query_stays(auth: House, person: SignedIn) -> None:
    uri = CALLBACK + "?tenant=5&x=%20"
    app = await new_app(auth, redirect_uris=[uri])

    step, _ = await allowed(auth, await app.begin(redirect_uri=uri), person)

    assert step.redirect.startswith(uri + "&code=")


@pytest.mark.parametrize("port", ["", ":80", ":51234"])
async def test_a_native_app_listens_at_any_port_of_its_loopback(auth: House, person: SignedIn, port: str) -> None:
    app = await new_app(auth, redirect_uris=["http://127.0.0.1/cb"], is_public=True, grant_types=["authorization_code"])
    uri = f"http://127.0.0.1{port}/cb"

    step, _ = await allowed(auth, await app.begin(redirect_uri=uri), person)

    assert step.redirect.startswith(uri + "?code=")
    assert (await app.redeem(answered(step)["code"], redirect_uri=uri)).access_token


async def test_a_client_of_a_suspended_organization_is_unknown(auth: House, app: App) -> None:
    await auth.sql(
        "UPDATE organization SET status = 'suspended' WHERE id = (SELECT organization_id FROM oauth_client"
        " WHERE id = :id)",
        id=app.id,
    )

    assert (await app.begin()).page == pb.PAGE_ERROR


async def test_somebody_signed_in_is_asked_once_and_then_no_more(auth: House, app: App, person: SignedIn) -> None:
    _, browser = await allowed(auth, await app.begin(), person)

    assert "code" in answered(await app.begin(browser, prompt="none"))
    assert "code" in answered(await app.begin(browser))


async def test_more_scopes_are_asked_for(auth: House, app: App, person: SignedIn) -> None:
    _, browser = await allowed(auth, await app.begin(), person)

    more = await app.begin(browser, scope="openid media:read media:write")

    assert more.page == pb.PAGE_CONSENT
    assert answered(await app.begin(browser, scope="openid email", prompt="none"))["error"] == "consent_required"


@pytest.mark.parametrize(
    ("more", "page"),
    [
        ({"prompt": "login"}, pb.PAGE_SIGN_IN),
        ({"prompt": "select_account"}, pb.PAGE_SIGN_IN),
        ({"prompt": "consent"}, pb.PAGE_CONSENT),
        ({"max_age": "0"}, pb.PAGE_SIGN_IN),
        ({"max_age": "9999"}, pb.PAGE_UNSPECIFIED),
    ],
)
async def test_an_app_may_ask_for_a_page(
    auth: House, app: App, person: SignedIn, more: dict[str, str], page: pb.Page.ValueType
) -> None:
    _, browser = await allowed(auth, await app.begin(), person)

    assert (await app.begin(browser, **more)).page == page


async def test_signing_in_anew_ends_where_it_should(auth: House, app: App, person: SignedIn) -> None:
    _, browser = await allowed(auth, await app.begin(), person)
    page = await app.begin(browser, prompt="login consent", max_age="0")

    consent = await signed_in(auth, page, person, browser=browser)

    assert consent.page == pb.PAGE_CONSENT
    assert consent.browser not in ("", browser)


async def test_an_app_that_anybody_can_pretend_to_be_is_asked_about_each_time(auth: House, person: SignedIn) -> None:
    app = await new_app(auth, redirect_uris=["com.example.sky:/cb"], is_public=True, grant_types=["authorization_code"])
    uri = {"redirect_uri": "com.example.sky:/cb"}
    step, browser = await allowed(auth, await app.begin(**uri), person)

    assert step.redirect.startswith("com.example.sky:/cb?code=")
    assert (await app.begin(browser, **uri)).page == pb.PAGE_CONSENT
    assert answered(await app.begin(browser, **uri, prompt="none"))["error"] == "consent_required"


def test_the_challenge_is_rfc_7636s_own_example() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
