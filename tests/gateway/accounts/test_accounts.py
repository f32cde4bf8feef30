"""Addresses and passwords over HTTP, in both families."""

from typing import Any

import pytest

from tests.gateway.oauth2.provider import Provider
from tests.services.auth.house import PASSWORD
from tests.services.auth.mails.office import posted
from tests.services.auth.recovery.desk import NEW, forget, mailed

ENVELOPE, PLAIN = "/api/auth", "/api/v1/auth"


async def post(site: Provider, path: str, body: dict[str, Any], token: str = "") -> tuple[int, Any, Any]:
    """Status, body, headers."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = await site.http.post(path, json=body, headers=headers)
    return answer.status_code, answer.json(), answer.headers


@pytest.mark.parametrize(
    ("area", "body"), [(ENVELOPE, {"success": True, "data": {"success": True}}), (PLAIN, {"success": True})]
)
async def test_an_address_is_proven(site: Provider, area: str, body: object) -> None:
    made = await site.house.register()
    token = await mailed(site.house, made.user.email, "verify_email")

    status, answer, _ = await post(site, f"{area}/email/verify", {"token": token})

    assert (status, answer) == (200, body)


async def test_a_token_that_is_not_good_is_the_fields_fault(site: Provider) -> None:
    status, answer, _ = await post(site, f"{ENVELOPE}/email/verify", {"token": "x"})
    plain, told, _ = await post(site, f"{PLAIN}/password/reset", {"token": "x", "password": NEW})

    assert (status, answer["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert answer["error"]["details"]["validation_errors"][0]["field"] == "token"
    assert (plain, told["error_code"]) == (422, "VALIDATION_ERROR")


async def test_a_forgotten_password_is_chosen_anew(site: Provider) -> None:
    made = await site.house.register()
    for area in (ENVELOPE, PLAIN):
        known = await post(site, f"{area}/password/forgot", {"email": made.user.email})
        unknown = await post(site, f"{area}/password/forgot", {"email": "nobody@example.com"})
        assert known[:2] == unknown[:2]
    await forget(site.house, made.user.email)

    token = await mailed(site.house, made.user.email, "reset_password")
    status, _, _ = await post(site, f"{PLAIN}/password/reset", {"token": token, "password": NEW})

    assert status == 200
    assert await site.house.login(username=made.user.username, password=NEW)


async def test_names_are_those_of_the_family(site: Provider) -> None:
    made = await site.house.register()
    camel = {"currentPassword": PASSWORD, "newPassword": NEW}
    snake = {"current_password": NEW, "new_password": PASSWORD}

    assert (await post(site, f"{ENVELOPE}/password/change", camel, made.token))[0] == 200
    assert (await post(site, f"{PLAIN}/password/change", snake, made.token))[0] == 200
    assert (await post(site, f"{PLAIN}/password/change", camel, made.token))[0] == 422


async def test_a_wrong_password_is_told_by_the_fields_name(site: Provider) -> None:
    made = await site.house.register()
    body = {"currentPassword": "Wrong-horse7", "newPassword": NEW}

    status, answer, _ = await post(site, f"{ENVELOPE}/password/change", body, made.token)

    assert status == 400
    assert answer["error"]["details"]["validation_errors"][0]["field"] == "currentPassword"


@pytest.mark.parametrize("path", ["email/verification", "email/change", "password/change"])
async def test_a_session_is_needed(site: Provider, path: str) -> None:
    body = {"email": "x@example.com", "password": "x", "currentPassword": "x", "newPassword": NEW}

    status, _, _ = await post(site, f"{ENVELOPE}/{path}", body)

    assert status == 401


async def test_links_do_not_follow_the_host_that_was_asked(site: Provider) -> None:
    made = await site.house.register()
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    await site.http.post(f"{ENVELOPE}/password/forgot", json={"email": made.user.email}, headers=headers)
    await forget(site.house, made.user.email)

    mails = await posted(site.house.database, made.user.email, "reset_password")

    assert all(str((mail.content or {})["link"]).startswith("/account/reset-password#token=") for mail in mails)


async def test_too_many_guesses_are_429_with_the_time_to_wait(site: Provider) -> None:
    answers = [await post(site, f"{ENVELOPE}/login", {"username": "nobody_at_all", "password": "x"}) for _ in range(14)]
    status, answer, headers = answers[-1]
    plain, told, _ = await post(site, f"{PLAIN}/login", {"email": "nobody_at_all", "password": "x"})

    assert (status, answer["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(headers["retry-after"]) >= 1
    assert (plain, told["error_code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert {one for one, _, _ in answers} == {401, 429}


async def test_every_route_that_anybody_may_call_is_of_the_class_auth(site: Provider) -> None:
    for area in (ENVELOPE, PLAIN):
        for path in ("email/verify", "password/forgot", "password/reset", "password/replace", "register", "login"):
            site.limiter.taken.clear()
            await post(site, f"{area}/{path}", {})
            assert [name for name, _ in site.limiter.taken] == ["auth"]
