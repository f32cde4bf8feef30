"""Somebody else's client: authlib runs the whole flow and checks the id token by our published keys."""

import time
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.gateway.oauth2.provider import CALLBACK, Browser, Proof, Provider


async def metadata(oauth: Provider) -> dict[str, Any]:
    found: dict[str, Any] = (await oauth.http.get("/.well-known/openid-configuration")).json()
    return found


def client_of(oauth: Provider, client: dict[str, Any], told: dict[str, Any], method: str) -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        client["clientId"],
        client.get("clientSecret"),
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        introspection_endpoint_auth_method=method,
        redirect_uri=CALLBACK,
        scope="openid profile email media:read",
        code_challenge_method="S256",
        token_endpoint=told["token_endpoint"],
        trust_env=False,
    )


async def checked(oauth: Provider, told: dict[str, Any], token: dict[str, Any], nonce: str) -> CodeIDToken:
    """The id token's claims, as authlib and joserfc validate them."""
    keys = KeySet.import_key_set((await oauth.http.get(told["jwks_uri"])).json())
    read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    options = {"iss": {"essential": True, "value": told["issuer"]}}
    claims = CodeIDToken(
        read.claims, read.header, options, {"nonce": nonce, "access_token": token["access_token"], "max_age": 3600}
    )
    claims.validate(now=int(time.time()))
    return claims


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_web_app(oauth: Provider, admin: SignedIn, method: str) -> None:
    client, person, proof = await oauth.app_of(admin), await oauth.house.register(), Proof()
    told = await metadata(oauth)
    async with client_of(oauth, client, told, method) as app, Browser(oauth) as browser:
        url, state = app.create_authorization_url(
            told["authorization_endpoint"], code_verifier=proof.verifier, nonce="n-1", max_age="3600"
        )
        back = await browser.allowed(url, person)
        token = await app.fetch_token(authorization_response=back, state=state, code_verifier=proof.verifier)
        claims = await checked(oauth, told, token, "n-1")
        person_told = (await app.get(told["userinfo_endpoint"])).json()
        renewed = await app.refresh_token(told["token_endpoint"], refresh_token=token["refresh_token"])
        seen = await app.introspect_token(told["introspection_endpoint"], token=renewed["access_token"])
        await app.revoke_token(told["revocation_endpoint"], token=renewed["refresh_token"])  # type: ignore[no-untyped-call]  # its stubs leave it out
        unseen = await app.introspect_token(told["introspection_endpoint"], token=renewed["access_token"])
        with pytest.raises(OAuthError, match="invalid_grant"):
            await app.refresh_token(told["token_endpoint"], refresh_token=renewed["refresh_token"])

    assert claims["sub"] == person.user.id == person_told["sub"]
    assert (person_told["email"], person_told["email_verified"]) == (person.user.email, False)
    assert (seen.json()["active"], seen.json()["username"]) == (True, person.user.username)
    assert unseen.json() == {"active": False}


async def test_an_app_in_the_browser(oauth: Provider, admin: SignedIn) -> None:
    grants = ["authorization_code", "refresh_token"]
    client = await oauth.app_of(admin, isPublic=True, grantTypes=grants)
    person, proof, told = await oauth.house.register(), Proof(), await metadata(oauth)
    async with client_of(oauth, client, told, "none") as app, Browser(oauth) as browser:
        url, state = app.create_authorization_url(told["authorization_endpoint"], code_verifier=proof.verifier)
        back = await browser.allowed(url, person)
        token = await app.fetch_token(authorization_response=back, state=state, code_verifier=proof.verifier)
        renewed = await app.refresh_token(told["token_endpoint"], refresh_token=token["refresh_token"])

    assert renewed["access_token"] != token["access_token"]


async def test_a_machine(oauth: Provider, admin: SignedIn) -> None:
    client, told = await oauth.app_of(admin), await metadata(oauth)
    async with client_of(oauth, client, told, "client_secret_basic") as app:
        token = await app.fetch_token(told["token_endpoint"], grant_type="client_credentials", scope="media:read")

    assert (token["scope"], "refresh_token" in token) == ("media:read", False)
