"""The token endpoint and its neighbours over HTTP."""

import time
from typing import Any

import jwt
import pytest
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.gateway.oauth2.provider import Browser, Page, Proof, Provider, asking, bearer, tokens_for, url_of


@pytest.fixture
async def client(oauth: Provider, admin: SignedIn) -> dict[str, Any]:
    return await oauth.app_of(admin)


async def test_tokens_are_never_cached(oauth: Provider, client: dict[str, Any]) -> None:
    answer = await oauth.token(client, grant_type="client_credentials", scope="media:read")

    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}


ERRORS: dict[str, tuple[dict[str, str], int, str]] = {
    "no grant type": ({"grant_type": ""}, 400, "invalid_request"),
    "an unknown grant type": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "an unknown code": (
        {"grant_type": "authorization_code", "code": "x", "redirect_uri": "x", "code_verifier": "x" * 43},
        400,
        "invalid_grant",
    ),
    "an unknown refresh token": ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    "too many scopes": ({"grant_type": "client_credentials", "scope": "forum:read"}, 400, "invalid_scope"),
}


@pytest.mark.parametrize(("form", "status", "error"), ERRORS.values(), ids=ERRORS.keys())
async def test_errors_are_oauths(
    oauth: Provider, client: dict[str, Any], form: dict[str, str], status: int, error: str
) -> None:
    answer = await oauth.token(client, **form)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"


async def test_who_is_not_the_client_is_challenged(oauth: Provider, client: dict[str, Any]) -> None:
    answer = await oauth.token({**client, "clientSecret": "wrong"}, grant_type="client_credentials")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"] == 'Basic realm="orrery"'


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded", 400),
        (b"grant_type=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 100, "application/x-www-form-urlencoded", 400),
        (b"grant_type=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b'{"grant_type": "client_credentials"}', "application/json", 415),
        (b"grant_type=client_credentials", "text/plain", 415),
    ],
)
async def test_what_is_no_form_is_refused(oauth: Provider, body: bytes, kind: str, status: int) -> None:
    answer = await oauth.http.post("/oauth2/token", content=body, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    if status == 415:
        assert "application/x-www-form-urlencoded" in answer.json()["error_description"]


async def test_a_token_is_never_taken_from_the_query(oauth: Provider, client: dict[str, Any]) -> None:
    answer = await oauth.http.post(
        "/oauth2/token?grant_type=client_credentials", data={"client_id": client["clientId"]}
    )

    assert answer.json()["error"] == "invalid_request"
    assert (await oauth.http.get("/oauth2/token?grant_type=client_credentials")).status_code == 405


async def test_a_revoked_apps_token_is_refused_by_the_gateway(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    tokens = await tokens_for(oauth, client, admin)
    sid = jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]
    headers = bearer(tokens["access_token"])
    assert (await oauth.http.get("/oauth2/userinfo", headers=headers)).status_code == 200

    oauth.revocations.ended.add(f"grant:{sid}", int(time.time() * 1000))

    answer = await oauth.http.get("/oauth2/userinfo", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer realm="orrery", error="invalid_token"'


async def test_an_app_acts_for_nobody_once_its_publisher_is_suspended(oauth: Provider, client: dict[str, Any]) -> None:
    stranger = await oauth.house.register()
    tokens = await tokens_for(oauth, client, stranger)
    said = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert said["pub"] != said["org"]
    headers = bearer(tokens["access_token"])
    assert (await oauth.http.get("/oauth2/userinfo", headers=headers)).status_code == 200

    oauth.revocations.ended.add(f"organization:{said['pub']}", int(time.time() * 1000) + 1)

    answer = await oauth.http.get("/oauth2/userinfo", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_claims_follow_the_scopes(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    whole = await tokens_for(oauth, client, admin, scope="openid profile email")
    little = await tokens_for(oauth, client, admin, scope="openid")
    none = await tokens_for(oauth, client, admin, scope="media:read")

    answers = [
        await oauth.http.post("/oauth2/userinfo", headers=bearer(one["access_token"])) for one in (whole, little, none)
    ]

    assert set(answers[0].json()) == {"sub", "name", "preferred_username", "updated_at", "email", "email_verified"}
    assert answers[1].json() == {"sub": admin.user.id}
    assert (answers[2].status_code, answers[2].json()["error"]) == (403, "insufficient_scope")
    assert 'scope="openid"' in answers[2].headers["www-authenticate"]


async def test_a_session_may_ask_who_it_is_and_nobody_without_a_token(oauth: Provider, admin: SignedIn) -> None:
    own = await oauth.http.get("/oauth2/userinfo", headers=bearer(admin.token))
    nobody = await oauth.http.get("/oauth2/userinfo")

    assert own.json()["preferred_username"] == admin.user.username
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer realm="orrery"')


async def test_of_who_is_suspended_nothing_is_told(oauth: Provider, client: dict[str, Any]) -> None:
    person = await oauth.house.register()
    tokens = await tokens_for(oauth, client, person)
    await oauth.house.sql("UPDATE user_account SET is_active = FALSE WHERE user_id = :id", id=person.user.user_id)

    answer = await oauth.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_an_id_token_opens_nothing(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    tokens = await tokens_for(oauth, client, admin)

    assert (await oauth.http.get("/oauth2/userinfo", headers=bearer(tokens["id_token"]))).status_code == 401


async def test_introspection_is_for_apps_of_the_same_organization(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    tokens = await tokens_for(oauth, client, admin)
    sibling, stranger = await oauth.app_of(admin), await oauth.app_of(await oauth.admin())
    asked = {"token": tokens["access_token"]}

    seen = [await oauth.post("/oauth2/introspect", one, **asked) for one in (client, sibling, stranger)]

    assert [answer.json()["active"] for answer in seen] == [True, True, False]
    assert set(seen[2].json()) == {"active"}
    assert (await oauth.post("/oauth2/introspect", client, token=admin.token)).json() == {"active": False}
    assert (await oauth.post("/oauth2/introspect", client, token="junk")).json() == {"active": False}


async def test_a_public_client_introspects_nothing(oauth: Provider, admin: SignedIn) -> None:
    client = await oauth.app_of(admin, isPublic=True, grantTypes=["authorization_code"])

    assert (await oauth.post("/oauth2/introspect", client, token="x")).status_code == 401


async def test_only_its_own_tokens_are_revoked_by_a_client(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    tokens = await tokens_for(oauth, client, admin)
    stranger = await oauth.app_of(admin)

    for token in (tokens["access_token"], tokens["refresh_token"], "junk", admin.token):
        assert (await oauth.post("/oauth2/revoke", stranger, token=token)).status_code == 200
    assert (await oauth.post("/oauth2/introspect", client, token=tokens["access_token"])).json()["active"]

    hinted = {"token": tokens["access_token"], "token_type_hint": "refresh_token"}
    assert (await oauth.post("/oauth2/revoke", client, **hinted)).status_code == 200
    assert not (await oauth.post("/oauth2/introspect", client, token=tokens["refresh_token"])).json()["active"]
    assert (await oauth.post("/oauth2/revoke", client)).json()["error"] == "invalid_request"


async def test_a_person_sees_and_withdraws_what_they_allowed(
    oauth: Provider, client: dict[str, Any], admin: SignedIn
) -> None:
    person = await oauth.house.register()
    tokens = await tokens_for(oauth, client, person)
    path = "/api/v1/users/me/authorized-apps"

    listed = (await oauth.http.get(path, headers=bearer(person.token))).json()["data"]
    foreign = await oauth.http.delete(f"{path}/{client['clientId']}", headers=bearer(admin.token))
    by_app = await oauth.http.get(path, headers=bearer(tokens["access_token"]))
    gone = await oauth.http.delete(f"{path}/{client['clientId']}", headers=bearer(person.token))

    assert [(one["clientId"], one["name"], one["scopes"]) for one in listed] == [
        (client["clientId"], "Sky", ["openid", "media:read"])
    ]
    assert (foreign.status_code, by_app.status_code, gone.status_code) == (404, 403, 204)
    assert (await oauth.http.get(path, headers=bearer(person.token))).json()["data"] == []
    assert not (await oauth.post("/oauth2/introspect", client, token=tokens["access_token"])).json()["active"]
    async with Browser(oauth) as browser:
        page = Page(await browser.http.get(url_of(oauth, asking(client, Proof()))))
        assert "media" in (await browser.sign_in(page, person)).text  # and is asked again


async def test_a_deleted_apps_tokens_end(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    tokens = await tokens_for(oauth, client, await oauth.house.register())
    sibling = await oauth.app_of(admin)

    gone = await oauth.http.delete(f"/api/v1/oauth-clients/{client['clientId']}", headers=bearer(admin.token))

    assert gone.status_code == 204
    assert not (await oauth.post("/oauth2/introspect", sibling, token=tokens["access_token"])).json()["active"]
    refused = await oauth.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_client"


async def test_a_client_is_a_resource_with_versions(oauth: Provider, client: dict[str, Any], admin: SignedIn) -> None:
    path = f"/api/v1/oauth-clients/{client['clientId']}"
    read = await oauth.http.get(path, headers=bearer(admin.token))
    headers = {**bearer(admin.token), "if-match": read.headers["etag"]}

    changed = await oauth.http.patch(path, json={"name": "Sea"}, headers=headers)
    late = await oauth.http.patch(path, json={"name": "Lake"}, headers=headers)

    assert (changed.status_code, changed.json()["data"]["name"]) == (200, "Sea")
    assert (late.status_code, late.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    assert "clientSecret" not in read.json()["data"]
    rotated = await oauth.http.post(f"{path}/rotate-secret", headers=bearer(admin.token))
    assert rotated.json()["data"]["clientSecret"] != client["clientSecret"]


async def test_clients_find_everything_by_discovery(oauth: Provider) -> None:
    told = (await oauth.http.get("/.well-known/openid-configuration")).json()

    assert told == (await oauth.http.get("/.well-known/oauth-authorization-server")).json()
    assert (told["issuer"], told["code_challenge_methods_supported"]) == (oauth.url, ["S256"])
    for name in ("authorization", "token", "userinfo", "revocation", "introspection", "end_session"):
        assert (await oauth.http.get(told[f"{name}_endpoint"])).status_code != 404
    assert (await oauth.http.get(told["jwks_uri"])).json()["keys"]
