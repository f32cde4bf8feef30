"""Single sign-on with a real Keycloak: in, which role, out on either side, and its own bearers."""

from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from tests.e2e.people import eventually
from tests.sso.browser import Browser, said, to
from tests.sso.conftest import APP, PROVIDER, Together
from tests.sso.realm import CLIENT, PASSWORD, PROGRAM, SECRET

SSO = f"/api/v1/auth/sso/{PROVIDER}"
pytestmark = pytest.mark.timeout(600)  # the first test waits for a fleet and a Keycloak


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


def land(together: Together, browser: Browser, name: str, **asked: str) -> dict[str, str]:
    """Sign in; what the app is told in the end."""
    page = browser.get(to(browser.get(str(httpx.URL(f"{together.fleet.url}{SSO}/login", params=asked)))))
    back = page if page.is_redirect else browser.sign_in(page, name)
    landed = to(browser.get(to(back)))
    assert landed.startswith(APP)
    return said(landed)


def tokens(together: Together, browser: Browser, name: str) -> dict[str, Any]:
    answer = together.http.post("/api/v1/auth/sso/exchange", json={"code": land(together, browser, name)["code"]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def me(together: Together, token: str) -> httpx.Response:
    return together.http.get("/api/v1/auth/me", headers={"authorization": f"Bearer {token}"})


def program(together: Together, name: str, **more: str) -> dict[str, Any]:
    """The tokens that a program gets from Keycloak for somebody."""
    form = {"grant_type": "password", "client_id": PROGRAM, "username": name, "password": PASSWORD, "scope": "openid"}
    url = f"{together.keycloak.issuer}/protocol/openid-connect/token"
    answer = httpx.post(url, data={**form, **more}, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(("name", "role"), [("ada", "ADMIN"), ("ben", "OPERATOR")])
def test_people_sign_in_with_the_role_of_their_group(
    together: Together, browser: Browser, name: str, role: str
) -> None:
    found = me(together, tokens(together, browser, name)["access_token"]).json()

    assert (found["username"], found["email"], found["role"]) == (name, f"{name}@acme.example", role)


def test_who_is_in_none_of_the_groups_stays_out(together: Together, browser: Browser) -> None:
    told = land(together, browser, "eve", state="mine", redirect_uri=APP)

    assert (told["error"], told["error_reason"], told["state"]) == ("access_denied", "SSO_GROUP_MISSING", "mine")


def test_a_wrong_password_stays_at_the_issuer(together: Together, browser: Browser) -> None:
    page = browser.get(to(browser.get(f"{together.fleet.url}{SSO}/login")))

    again = browser.sign_in(page, "ada", "not this one")

    assert again.status_code == 200
    assert "Invalid username or password" in again.text


def test_who_is_signed_in_at_the_issuer_comes_back_at_once(together: Together, browser: Browser) -> None:
    first = jwt.decode(tokens(together, browser, "ada")["access_token"], options={"verify_signature": False})

    page = browser.get(to(browser.get(f"{together.fleet.url}{SSO}/login")))
    landed = said(to(browser.get(to(page))))
    again = together.http.post("/api/v1/auth/sso/exchange", json={"code": landed["code"]}).json()

    claims = jwt.decode(again["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["sid"] != first["sid"]) == (first["sub"], True)


def test_an_answer_of_keycloak_is_good_once_and_in_its_own_browser_alone(together: Together, browser: Browser) -> None:
    page = browser.get(to(browser.get(f"{together.fleet.url}{SSO}/login")))
    callback = to(browser.sign_in(page, "ada"))

    assert together.http.get(callback).status_code == 401
    assert "code" in said(to(browser.get(callback)))
    assert browser.get(callback).status_code == 401


def test_keycloak_holds_us_to_pkce(together: Together, browser: Browser) -> None:
    location = httpx.URL(to(browser.get(f"{together.fleet.url}{SSO}/login")))
    bare = location.copy_remove_param("code_challenge").copy_remove_param("code_challenge_method")

    assert said(to(browser.get(str(bare))))["error"] == "invalid_request"


def test_logging_out_of_orrery_logs_out_of_keycloak(together: Together, browser: Browser) -> None:
    pair = tokens(together, browser, "ada")
    bearer = {"authorization": f"Bearer {pair['access_token']}"}

    answer = together.http.post("/api/v1/auth/logout", json={}, headers=bearer).json()

    assert to(browser.get(answer["end_session_url"])) == APP
    page = browser.get(to(browser.get(f"{together.fleet.url}{SSO}/login")))
    assert page.status_code == 200  # Keycloak asks for a password again


def test_the_logout_redirect_ends_both_sessions(together: Together, browser: Browser) -> None:
    pair = tokens(together, browser, "ben")
    bearer = {"authorization": f"Bearer {pair['access_token']}"}

    away = together.http.get(f"{SSO}/logout", headers=bearer)

    assert to(browser.get(to(away))) == APP
    assert browser.get(to(browser.get(f"{together.fleet.url}{SSO}/login"))).status_code == 200
    refused = together.http.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert refused.status_code == 401


def test_logging_out_of_keycloak_logs_out_of_orrery(together: Together, browser: Browser) -> None:
    pair = tokens(together, browser, "ada")
    assert me(together, pair["access_token"]).status_code == 200

    page = browser.get(f"{together.keycloak.issuer}/protocol/openid-connect/logout?client_id={CLIENT}")
    browser.submit(page, confirmLogout="Logout")

    assert eventually(lambda: me(together, pair["access_token"]).status_code == 401 or None, seconds=15)
    refused = together.http.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert refused.status_code == 401


def test_a_bearer_of_keycloak_is_accepted_directly(together: Together) -> None:
    token = eventually(lambda: accepted(together, program(together, "ada")["access_token"]))

    found = me(together, token).json()
    assert (found["username"], found["role"]) == ("ada", "ADMIN")


def accepted(together: Together, token: str) -> str | None:
    """The gateway learns of trusted issuers a moment after its start."""
    return token if me(together, token).status_code == 200 else None


def test_a_bearer_of_keycloak_manages_no_credentials(together: Together) -> None:
    token = program(together, "ben")["access_token"]

    refused = together.http.get("/api/auth/webauthn/credentials", headers={"authorization": f"Bearer {token}"})

    assert refused.status_code == 403


def test_somebody_in_none_of_the_groups_is_refused_by_their_bearer_too(together: Together) -> None:
    assert me(together, program(together, "eve")["access_token"]).status_code == 403


def test_no_other_token_of_keycloak_is_a_bearer(together: Together, browser: Browser) -> None:
    granted = program(together, "ada")

    assert me(together, granted["id_token"]).status_code == 401
    assert me(together, granted["refresh_token"]).status_code == 401


def test_the_client_of_orrery_cannot_be_used_without_its_secret(together: Together) -> None:
    url = f"{together.keycloak.issuer}/protocol/openid-connect/token"
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET + "x"}

    assert httpx.post(url, data=form, trust_env=False, timeout=30).status_code == 401


def test_signing_in_is_in_the_audit_log(together: Together, browser: Browser) -> None:
    pair = tokens(together, browser, "ada")
    bearer = {"authorization": f"Bearer {pair['access_token']}"}

    def actions() -> set[str] | None:
        answer = together.http.get("/api/v1/audit-logs", params={"limit": "100"}, headers=bearer).json()
        found = {row["action"] for row in answer["data"]}
        return found if "sso.signed_in" in found else None

    assert eventually(actions, seconds=30) >= {"sso.signed_in", "session.started"}
