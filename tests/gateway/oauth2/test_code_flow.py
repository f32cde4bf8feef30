"""The authorization code flow, from the app's link to its tokens and their end."""

import jwt
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.gateway.oauth2.provider import (
    CALLBACK,
    Browser,
    Page,
    Proof,
    Provider,
    answered,
    asking,
    bearer,
    redeemed,
    tokens_for,
    url_of,
)


async def test_a_person_signs_in_allows_and_the_app_gets_tokens(oauth: Provider, admin: SignedIn) -> None:
    client, proof = await oauth.app_of(admin), Proof()
    person = await oauth.house.register()

    async with Browser(oauth) as browser:
        sign_in = Page(await browser.authorize(**asking(client, proof, nonce="n-1")))
        consent = Page(await browser.sign_in(sign_in, person))
        answer = await browser.submit(consent, decision="allow")

    sent = answered(answer.headers["location"])
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(CALLBACK + "?")
    assert (sent["state"], sent["iss"]) == ("a state", oauth.url)
    tokens = (await redeemed(oauth, client, sent["code"], proof)).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["sub"] == person.user.id
    assert (claims["client_id"], claims["scope"]) == (client["clientId"], "openid media:read")
    assert claims["adm"] is False
    told = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (told["aud"], told["nonce"], told["amr"]) == (client["clientId"], "n-1", ["pwd"])
    assert tokens["token_type"] == "Bearer"


async def test_an_apps_token_reaches_what_its_scopes_name_and_nothing_else(oauth: Provider, admin: SignedIn) -> None:
    client = await oauth.app_of(admin)
    tokens = await tokens_for(oauth, client, admin, scope="openid email")

    claims = await oauth.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    account = await oauth.http.get("/api/v1/oauth-clients", headers=bearer(tokens["access_token"]))
    media = await oauth.http.get("/api/media/videos", headers=bearer(tokens["access_token"]))

    assert claims.json() == {"sub": admin.user.id, "email": admin.user.email, "email_verified": False}
    assert account.json()["error"]["details"]["reason"] == "SESSION_REQUIRED"
    assert media.json()["error"]["details"]["reason"] == "SCOPE_MISSING"


async def test_the_second_time_nobody_is_asked(oauth: Provider, admin: SignedIn) -> None:
    client = await oauth.app_of(admin)
    person = await oauth.house.register()

    async with Browser(oauth) as browser:
        await browser.allowed(url_of(oauth, asking(client, Proof())), person)
        again = await browser.authorize(**asking(client, Proof(), prompt="none"))

    assert again.status_code == 302
    assert "code" in answered(again.headers["location"])
