"""Accounts at Twitch and YouTube, linked through the gateway; both platforms run on this machine."""

from functools import partial
from typing import Any

import httpx

from tests.e2e.people import Meet, Person, eventually
from tests.services.auth.platforms.sites import CLIENT_SECRET, PAGE, Sites


def data(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    assert CLIENT_SECRET not in answer.text
    found = answer.json()
    assert found["success"] is True
    return found["data"]


def error(answer: httpx.Response) -> tuple[int, str, str]:
    found = answer.json()["error"]
    return answer.status_code, found["code"], found.get("details", {}).get("reason", "")


def allowed(who: Person, world: Sites, platform: str) -> dict[str, str]:
    """The body of a callback."""
    found = data(who.http.get(f"/api/oauth/authorize/{platform}", params={"redirect_uri": PAGE}))
    code, state = world.allow(found["authorization_url"])
    assert state == found["state"]
    return {"code": code, "state": state}


def test_a_channel_is_linked_listed_renewed_and_let_go(meet: Meet, world: Sites) -> None:
    ada = meet()
    [youtube, twitch, kick] = data(ada.http.get("/api/platforms"))["platforms"]
    assert (youtube["name"], twitch["name"], kick["is_active"]) == ("youtube", "twitch", False)
    callback = allowed(ada, world, "youtube")

    made = data(ada.http.post("/api/oauth/callback/youtube", json=callback))

    key = made["user_api_key"]
    assert (key["platform_id"], key["user_id"], key["access_token"]) == (youtube["id"], ada.user["id"], "access…")
    assert made["platform_user_info"] == {
        "channel_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "title": "Analytical Engines",
        "description": "Notes by the translator.",
        "thumbnail_url": "https://yt3.ggpht.com/s800.jpg",
        "subscriber_count": 1500,
    }
    again = ada.http.post("/api/oauth/callback/youtube", json=callback)
    assert error(again) == (400, "VALIDATION_ERROR", "STATE_REFUSED")
    path = f"/api/user-api-keys/{key['id']}"
    assert data(ada.http.post(path + "/refresh", json={}))["user_api_key"]["is_active"] is True
    assert data(ada.http.put(path, json={"is_active": False}))["user_api_key"]["is_active"] is False
    listed = ada.http.get("/api/user-api-keys", params={"platform_id": youtube["id"], "is_active": "false"})
    assert [one["platform"] for one in data(listed)["api_keys"]] == [{"name": "youtube", "display_name": "YouTube"}]
    assert error(meet().http.delete(path)) == (404, "RESOURCE_NOT_FOUND", "PLATFORM_KEY_NOT_FOUND")
    gone = ada.http.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    for action in ("platform.linked", "platform.refused", "platform.unlinked"):
        assert eventually(partial(ada.audit, action=action))


def test_keys_from_elsewhere_are_created_and_masked(meet: Meet) -> None:
    ada = meet()
    [youtube, _, _] = data(ada.http.get("/api/platforms"))["platforms"]
    body = {"platform_id": youtube["id"], "access_token": "ya29.a0AfH6SMC-secret", "refresh_token": "1//04-secret-too"}

    made = ada.http.post("/api/user-api-keys", json={**body, "token_expires_at": "2027-08-08T10:00:00Z"})

    key = data(made, 201)["user_api_key"]
    assert (key["access_token"], key["refresh_token"]) == ("ya29.a…", "1//04-…")
    assert "secret" not in made.text + ada.http.get("/api/user-api-keys").text


def test_a_front_end_without_an_account_trades_codes_for_tokens(fleet_url: str, world: Sites) -> None:
    with httpx.Client(base_url=fleet_url, trust_env=False, timeout=30) as nobody:
        begun = nobody.get("/api/auth/twitch/authorize", params={"redirect_uri": PAGE}).json()
        code, state = world.allow(begun["authorization_url"])

        found = nobody.post("/api/auth/twitch/callback", json={"code": code, "state": state})
        again = nobody.post("/api/auth/twitch/callback", json={"code": code, "state": state})
        renewed = nobody.post("/api/auth/twitch/refresh", json={"refresh_token": found.json()["refresh_token"]})
        unsigned = nobody.get("/api/oauth/authorize/twitch")

    assert found.json()["user"]["login"] == "twitchdev"
    assert sorted(found.json()) == ["access_token", "expires_at", "expires_in", "platform", "refresh_token", "user"]
    assert (renewed.status_code, renewed.json()["platform"]) == (200, "twitch")
    assert error(again) == (400, "VALIDATION_ERROR", "STATE_REFUSED")
    assert error(unsigned)[:2] == (401, "UNAUTHORIZED")
