"""The redirects of single sign-on, and the logout that issuers tell of."""

from typing import Any

import httpx
import pytest

from gateway.sso.forms import MOST_BYTES
from libs.errors import Unauthenticated
from tests.gateway.sso.conftest import SSO, World
from tests.services.auth.sso.journey import APP, LANDING, person


def told(answer: httpx.Response) -> dict[str, str]:
    """What a redirect says."""
    assert answer.status_code == 302, answer.text
    return dict(httpx.URL(answer.headers["location"]).params)


def cookie_of(answer: httpx.Response) -> str:
    (found,) = answer.headers.get_list("set-cookie")
    return found


async def test_a_browser_goes_to_the_issuer_and_comes_back_with_a_code_for_tokens(sso: World) -> None:
    who = person()

    begun = await sso.there(state="mine")
    landed = await sso.back(begun, **who)
    told_app = told(landed)
    exchanged = await sso.http.post("/api/v1/auth/sso/exchange", json={"code": told_app["code"]})

    assert landed.headers["location"].startswith(APP)
    assert told_app["state"] == "mine"
    assert exchanged.status_code == 200
    assert set(exchanged.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    bearer = {"authorization": f"Bearer {exchanged.json()['access_token']}"}
    me = (await sso.http.get("/api/v1/auth/me", headers=bearer)).json()
    assert (me["username"], me["role"]) == (who["preferred_username"], "OPERATOR")


async def test_no_token_is_ever_in_a_url(sso: World) -> None:
    begun = await sso.there()
    landed = await sso.back(begun, **person())

    assert "eyJ" not in begun.headers["location"] + landed.headers["location"]


async def test_the_cookie_is_this_origins_alone_and_goes_when_the_sign_in_ends(sso: World) -> None:
    begun = await sso.there()
    left = cookie_of(begun)
    state = httpx.URL(begun.headers["location"]).params["state"]

    assert left.startswith(f"__Host-orrery-sso-{state[:16]}=")
    assert {one.strip().lower() for one in left.split(";")[1:]} == {
        "httponly", "max-age=600", "path=/", "samesite=lax", "secure"
    }  # fmt: skip
    gone = cookie_of(await sso.back(begun, **person()))
    assert "Max-Age=0" in gone
    assert gone.startswith(f"__Host-orrery-sso-{state[:16]}=")


async def test_redirects_are_not_kept_and_tell_nobody_where_they_came_from(sso: World) -> None:
    for answer in (begun := await sso.there(), await sso.back(begun, **person())):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.content == b""


async def test_two_tabs_do_not_disturb_each_other(sso: World) -> None:
    one, two = await sso.there(), await sso.there()

    assert "code" in told(await sso.back(one, **person()))
    assert "code" in told(await sso.back(two, **person()))


async def test_an_answer_in_another_browser_goes_nowhere(sso: World) -> None:
    """Else an attacker's link would sign its victim in as the attacker."""
    begun = await sso.there()
    sso.http.cookies.clear()

    refused = await sso.back(begun, **person())

    assert refused.status_code == 401
    assert "location" not in refused.headers
    assert (refused.json()["error_code"], "detail" in refused.json()) == ("AUTHENTICATION_ERROR", True)


@pytest.mark.parametrize("state", ["", "x", "../../x", "a" * 43, "\r\nset-cookie: a=b", "é" * 43])
async def test_a_forged_answer_goes_nowhere(sso: World, state: str) -> None:
    refused = await sso.http.get(f"{SSO}/callback", params={"state": state, "code": "x"})

    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("query", ["state=a&state=b", "code=a&code=b", "iss=a&iss=b", "error=a&error=b", "state=%ff"])
async def test_an_answer_that_says_something_twice_is_refused(sso: World, query: str) -> None:
    assert (await sso.http.get(f"{SSO}/callback?{query}")).status_code == 422


async def test_what_goes_wrong_after_that_is_told_to_the_app(sso: World) -> None:
    sso.issuer.claims = {"nonce": "another"}

    landed = await sso.back(await sso.there(state="mine"), **person())

    assert landed.headers["location"].startswith(APP)
    assert {name: told(landed)[name] for name in ("error", "error_reason", "state")} == {
        "error": "server_error",
        "error_reason": "SSO_ANSWER_REFUSED",
        "state": "mine",
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("redirect_uri=https://evil.example/", 422),
        ("redirect_uri=", 422),
        ("redirect_url=x", 422),
        ("state=a&state=b", 422),
        ("code_challenge=plain", 422),
        ("api_version=2", 400),
        ("api_version=1", 302),
        ("", 302),
    ],
)
async def test_what_a_sign_in_may_be_asked_for(sso: World, query: str, status: int) -> None:
    answer = await sso.http.get(f"{SSO}/login?{query}")

    assert answer.status_code == status
    assert ("location" in answer.headers) is (status == 302)


async def test_an_unknown_provider_is_told_in_the_callers_language(sso: World) -> None:
    answer = await sso.http.get("/api/v1/auth/sso/nobody/login", headers={"accept-language": "ja"})

    assert (answer.status_code, answer.json()["error_code"]) == (404, "RESOURCE_NOT_FOUND")
    assert not answer.json()["detail"].isascii()


async def test_redirects_count_as_signing_in(sso: World) -> None:
    await sso.back(await sso.there(), **person())

    assert [name for name, _ in sso.limiter.taken] == ["auth", "auth"]
    sso.limiter.is_empty = True
    assert (await sso.there()).status_code == 429


async def test_providers_are_listed(sso: World) -> None:
    answer = await sso.http.get("/api/v1/auth/sso")

    assert answer.json() == {"providers": [{"name": "acme", "display_name": "acme"}]}


async def test_a_code_is_checked_before_it_is_asked_for(sso: World) -> None:
    for body in ({}, {"code": ""}, {"code": 7}, {"code": "x" * 129}, {"code": "x", "code_verifier": "short"}):
        assert (await sso.http.post("/api/v1/auth/sso/exchange", json=body)).status_code == 422
    refused = await sso.http.post("/api/v1/auth/sso/exchange", json={"code": "x"})
    assert (refused.status_code, refused.json()["error_code"]) == (401, "AUTHENTICATION_ERROR")


async def test_logging_out_leads_to_the_issuer_and_ends_the_session(sso: World) -> None:
    pair = await sso.tokens(**person())

    away = await sso.http.get(f"{SSO}/logout", headers={"authorization": f"Bearer {pair['access_token']}"})

    assert away.headers["location"].startswith(f"{sso.issuer.url}/logout?")
    assert told(away)["post_logout_redirect_uri"] == LANDING
    assert "id_token_hint" in told(away)
    with pytest.raises(Unauthenticated):
        await sso.house.refresh(pair["refresh_token"])


async def test_logging_out_by_the_api_tells_of_the_issuers_session(sso: World) -> None:
    pair = await sso.tokens(**person())
    bearer = {"authorization": f"Bearer {pair['access_token']}"}

    answer = await sso.http.post("/api/v1/auth/logout", json={}, headers=bearer)

    assert answer.json()["success"] is True
    assert answer.json()["end_session_url"].startswith(f"{sso.issuer.url}/logout?")


async def backchannel(sso: World, token: str, **more: Any) -> httpx.Response:
    return await sso.http.post(f"{SSO}/backchannel-logout", data={"logout_token": token}, **more)


async def test_an_issuers_logout_ends_the_session(sso: World) -> None:
    who = person()
    pair = await sso.tokens(**who)

    answer = await backchannel(sso, sso.issuer.logout_token(sub=who["sub"]))

    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    with pytest.raises(Unauthenticated):
        await sso.house.refresh(pair["refresh_token"])


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 20_000])
async def test_a_logout_that_is_wrong_is_answered_as_the_standard_says(sso: World, token: str) -> None:
    answer = await backchannel(sso, token)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"logout_token": "x"}},
        {"content": b"logout_token=x"},
        {"data": {"other": "x"}},
        {"content": b"logout_token=a&logout_token=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"logout_token=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"\xff\xfe", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"a=b&" * 50, "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ],
)
async def test_what_is_no_such_form(sso: World, sent: dict[str, Any]) -> None:
    assert (await sso.http.post(f"{SSO}/backchannel-logout", **sent)).status_code == 400


async def test_a_form_is_bounded(sso: World) -> None:
    assert (await backchannel(sso, "x" * (MOST_BYTES + 1))).status_code == 413


async def test_logouts_of_an_unknown_provider_and_other_methods(sso: World) -> None:
    form = {"logout_token": "x"}
    assert (await sso.http.post("/api/v1/auth/sso/nobody/backchannel-logout", data=form)).status_code == 404
    assert (await sso.http.get(f"{SSO}/backchannel-logout")).status_code == 405
    assert (await sso.http.post(f"{SSO}/login")).status_code == 405


async def test_the_redirects_are_in_the_document(sso: World) -> None:
    paths = (await sso.http.get("/openapi.json")).json()["paths"]

    login = paths["/api/v1/auth/sso/{provider}/login"]["get"]
    assert [one["name"] for one in login["parameters"]] == ["provider", "redirect_uri", "state", "code_challenge"]
    assert "302" in login["responses"]
