"""The pages: what browsers are told to hold back, in whose language, and forms that others made."""

import re
from typing import Any

import httpx
import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.gateway.oauth2.provider import (
    CALLBACK,
    Browser,
    Page,
    Proof,
    Provider,
    answered,
    asking,
    code_for,
    redeemed,
    url_of,
)
from tests.services.auth.house import PASSWORD, claims

POLICY = "default-src 'none'; style-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'"


@pytest.fixture
async def client(oauth: Provider, admin: SignedIn) -> dict[str, Any]:
    return await oauth.app_of(admin)


async def test_a_page_is_held_back_from_frames_scripts_and_caches(oauth: Provider, client: dict[str, Any]) -> None:
    async with Browser(oauth) as browser:
        answer = await browser.authorize(**asking(client, Proof()))

    assert answer.headers["content-security-policy"] == POLICY.format("https://app.example")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in answer.text
    assert not re.search(r"\son[a-z]+=|style=|https?://", answer.text.replace(oauth.url, ""))


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000"),
        ("com.example.sky:/cb", "com.example.sky:"),
        ("https://app.example:8443/cb;x", "https://app.example:8443"),
    ],
)
async def test_a_form_may_lead_to_its_app_and_nowhere_else(
    oauth: Provider, admin: SignedIn, uri: str, source: str
) -> None:
    client = await oauth.app_of(admin, redirectUris=[uri], isPublic=True, grantTypes=["authorization_code"])

    async with Browser(oauth) as browser:
        answer = await browser.authorize(**asking(client, Proof(), redirect_uri=uri))

    assert answer.headers["content-security-policy"] == POLICY.format(source)


async def test_the_cookie_is_for_these_pages_alone(oauth: Provider, client: dict[str, Any]) -> None:
    async with Browser(oauth) as browser:
        first = await browser.authorize(**asking(client, Proof()))
        second = await browser.authorize(**asking(client, Proof()))

    cookie = first.headers["set-cookie"]
    assert re.fullmatch(r"orrery-signin=[\w-]{43}; HttpOnly; Path=/oauth2; SameSite=lax", cookie)
    assert "set-cookie" not in second.headers


async def test_whoever_signs_in_gets_another_cookie(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    async with Browser(oauth) as browser:
        page = Page(await browser.authorize(**asking(client, Proof())))
        planted = browser.http.cookies["orrery-signin"]
        await browser.sign_in(page, admin)

        assert browser.http.cookies["orrery-signin"] != planted
    async with Browser(oauth) as thief:
        thief.http.cookies.set("orrery-signin", planted)
        assert Page(await thief.authorize(**asking(client, Proof()))).has_password


@pytest.mark.parametrize(
    ("headers", "more", "tag", "word"),
    [
        ({"accept-language": "ja"}, {}, "ja", "ログイン"),
        ({"accept-language": "de, ja;q=0.5"}, {}, "ja", "ログイン"),
        ({"accept-language": "en"}, {"ui_locales": "ja-JP en"}, "ja", "ログイン"),
        ({"accept-language": "ja"}, {"ui_locales": "en"}, "en", "Sign in"),
        ({}, {}, "en", "Sign in"),
    ],
)
async def test_pages_speak_the_persons_language(
    oauth: Provider, client: dict[str, Any], headers: dict[str, str], more: dict[str, str], tag: str, word: str
) -> None:
    async with Browser(oauth, **headers) as browser:
        answer = await browser.authorize(**asking(client, Proof(), **more))

    assert answer.headers["content-language"] == tag
    assert f'<html lang="{tag}">' in answer.text
    assert word in answer.text


async def test_names_of_apps_are_text(oauth: Provider, admin: SignedIn) -> None:
    client = await oauth.app_of(admin, name="<b>Sky</b>\"'&")

    async with Browser(oauth) as browser:
        hint = {"login_hint": '"><script>alert(1)</script>'}
        answer = await browser.authorize(**asking(client, Proof(), **hint))

    assert "&lt;b&gt;Sky" in answer.text
    assert "<b>" not in answer.text
    assert "<script" not in answer.text


async def test_a_wrong_password_is_asked_for_again_and_never_shown(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    async with Browser(oauth, **{"accept-language": "ja"}) as browser:
        page = Page(await browser.authorize(**asking(client, Proof())))
        again = await browser.submit(page, username=admin.user.username, password="wrong-Password1")

    found = Page(again)
    assert again.status_code == 200
    assert found.has_password
    assert "パスワードが正しくありません" in found.text
    assert found.forms[0][1]["username"] == admin.user.username
    assert "wrong-Password1" not in again.text


async def test_a_person_may_refuse(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    async with Browser(oauth) as browser:
        page = Page(await browser.authorize(**asking(client, Proof())))
        consent = Page(await browser.sign_in(page, admin))
        told = answered((await browser.submit(consent, decision="deny")).headers["location"])

    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "a state", oauth.url)


async def test_a_person_may_use_another_account(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    other = await oauth.house.register()
    async with Browser(oauth) as browser:
        page = Page(await browser.authorize(**asking(client, Proof())))
        consent = Page(await browser.sign_in(page, admin))
        page = Page(await browser.submit(consent, 1, switch="yes"))
        consent = Page(await browser.sign_in(page, other))

    assert page.has_password
    assert other.user.username in consent.text


class TestForgery:
    """Whatever another site makes a browser send."""

    async def consent(self, oauth: Provider, client: dict[str, Any], browser: Browser, person: SignedIn) -> Page:
        page = Page(await browser.authorize(**asking(client, Proof())))
        return Page(await browser.sign_in(page, person))

    @pytest.mark.parametrize("form", ["", "x", "é", "A" * 500, "A" * 40_000])
    async def test_a_form_that_we_never_sealed_does_nothing(
        self, oauth: Provider, client: dict[str, Any], admin: SignedIn, form: str
    ) -> None:
        async with Browser(oauth) as browser:
            await self.consent(oauth, client, browser, admin)
            answer = await browser.http.post("/oauth2/consent", data={"form": form, "decision": "allow"})

        assert (answer.status_code, "location" in answer.headers) == (400, False)

    async def test_an_attackers_own_form_is_asked_anew_in_the_victims_browser(
        self, oauth: Provider, client: dict[str, Any], admin: SignedIn
    ) -> None:
        victim = await oauth.house.register()
        async with Browser(oauth) as his, Browser(oauth) as hers:
            forged = await self.consent(oauth, client, his, admin)
            await self.consent(oauth, client, hers, victim)
            answer = await hers.submit(forged, decision="allow")

        assert (answer.status_code, "location" in answer.headers) == (200, False)
        assert victim.user.username in answer.text

    async def test_nobody_is_signed_in_by_an_attackers_form(
        self, oauth: Provider, client: dict[str, Any], admin: SignedIn
    ) -> None:
        async with Browser(oauth) as his, Browser(oauth) as hers:
            forged = Page(await his.authorize(**asking(client, Proof())))
            await hers.authorize(**asking(client, Proof()))
            answer = await hers.submit(forged, username=admin.user.username, password=PASSWORD)

            assert Page(answer).has_password
            assert Page(await hers.authorize(**asking(client, Proof()))).has_password

    async def test_a_form_without_the_cookie_does_nothing(
        self, oauth: Provider, client: dict[str, Any], admin: SignedIn
    ) -> None:
        async with Browser(oauth) as browser:
            forged = await self.consent(oauth, client, browser, admin)
            browser.http.cookies.clear()
            answer = await browser.submit(forged, decision="allow")

        assert Page(answer).has_password

    async def test_a_sign_in_form_gives_no_consent(
        self, oauth: Provider, client: dict[str, Any], admin: SignedIn
    ) -> None:
        async with Browser(oauth) as browser:
            page = Page(await browser.authorize(**asking(client, Proof())))
            await browser.sign_in(page, admin)
            answer = await browser.http.post("/oauth2/consent", data={**page.forms[0][1], "decision": "allow"})

        assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_a_request_by_form_goes_on_as_a_query(oauth: Provider, client: dict[str, Any]) -> None:
    """From another site it carries no cookie; the redirect does."""
    answer = await oauth.http.post("/oauth2/authorize", data=asking(client, Proof()))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/oauth2/authorize?response_type=code&client_id=")


ODD = {
    "no UTF-8": ("GET", "/oauth2/authorize?client_id=%ff", None),
    "NUL": ("GET", "/oauth2/authorize?client_id=%00", None),
    "very many": ("GET", "/oauth2/authorize?" + "a=1&" * 100, None),
    "very long": ("GET", "/oauth2/authorize?state=" + "a" * 9000, None),
    "a form of JSON": ("POST", "/oauth2/sign-in", b"{}"),
}


@pytest.mark.parametrize(("method", "path", "body"), ODD.values(), ids=ODD.keys())
async def test_what_is_no_request_gets_a_page(oauth: Provider, method: str, path: str, body: bytes | None) -> None:
    kind = {"content-type": "application/json"} if body else {}

    answer: httpx.Response = await oauth.http.request(method, path, content=body, headers=kind)

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_over_the_limit_people_get_a_page_and_clients_an_error(oauth: Provider, client: dict[str, Any]) -> None:
    oauth.limiter.is_empty = True
    try:
        page = await oauth.http.get("/oauth2/authorize")
        token = await oauth.token(client, grant_type="client_credentials")
    finally:
        oauth.limiter.is_empty = False

    assert (page.status_code, page.headers["retry-after"]) == (429, "7")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (token.status_code, token.json()["error"]) == (429, "temporarily_unavailable")


URIS = [CALLBACK + "x", CALLBACK + "/", CALLBACK + "?", CALLBACK.upper(), "https://evil.example", "//evil.example", ""]


@pytest.mark.parametrize("uri", URIS)
async def test_no_address_but_the_registered_is_ever_redirected_to(
    oauth: Provider, client: dict[str, Any], uri: str
) -> None:
    async with Browser(oauth) as browser:
        for prompt in ("", "none"):
            answer = await browser.authorize(**asking(client, Proof(), redirect_uri=uri, prompt=prompt))

            assert (answer.status_code, "location" in answer.headers) == (400, False)
            assert "form" not in answer.text.partition("<main>")[2]


async def test_two_providers_answers_are_told_apart_by_iss(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    """RFC 9207: a client that was sent here by another provider's mix-up sees it."""
    told = (await oauth.http.get("/.well-known/openid-configuration")).json()
    good = await code_for(oauth, client, admin, Proof())
    async with Browser(oauth) as browser:
        bad = await browser.http.get(url_of(oauth, asking(client, Proof(), prompt="none")))

    assert told["authorization_response_iss_parameter_supported"] is True
    assert good["iss"] == answered(bad.headers["location"])["iss"] == told["issuer"]


async def test_whoever_belongs_to_several_organizations_chooses_on_the_page(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    other = claims((await oauth.house.register()).token)["org"]
    await oauth.house.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) VALUES (:id, :person, 'OPERATOR')",
        id=other,
        person=admin.user.user_id,
    )
    proof = Proof()
    async with Browser(oauth) as browser:
        page = Page(await browser.authorize(**asking(client, proof)))
        consent = Page(await browser.sign_in(page, admin))
        sent = await browser.submit(consent, decision="allow", organization=other)

    tokens = (await redeemed(oauth, client, answered(sent.headers["location"])["code"], proof)).json()
    assert f'<option value="{other}">' in consent.answer.text
    assert claims(tokens["access_token"])["org"] == other
