"""A third-party app through the whole fleet: what somebody lets it do, and how fast that ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.e2e.people import PASSWORD, Person, eventually
from tests.gateway.oauth2.provider import CALLBACK, Page, Proof, answered, asking

Meet = Callable[[], Person]
SCOPE = "openid profile media:read"


def app_of(admin: Person) -> dict[str, Any]:
    """An app that somebody's organization registers."""
    body = {
        "name": "Sky",
        "redirectUris": [CALLBACK],
        "grantTypes": ["authorization_code", "refresh_token", "client_credentials"],
        "scopes": ["openid", "profile", "media:read"],
    }
    answer = admin.http.post("/api/v1/oauth-clients", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


@contextmanager
def program(person: Person, token: str = "") -> Iterator[httpx.Client]:
    """The app's own connection."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=person.http.base_url, trust_env=False, timeout=30, headers=headers) as client:
        yield client


def tokens_of(person: Person, client: dict[str, Any]) -> dict[str, Any]:
    """The app's tokens, once the person has signed in on its pages and allowed all."""
    proof = Proof()
    with program(person) as browser:
        page = Page(browser.get("/oauth2/authorize", params=asking(client, proof, scope=SCOPE)))
        fields = page.forms[0][1] | {"username": person.name, "password": PASSWORD}
        consent = Page(browser.post(page.forms[0][0], data=fields))
        sent = browser.post(consent.forms[0][0], data=consent.forms[0][1] | {"decision": "allow"})
    code = answered(sent.headers["location"])["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return asked(person, client, **form, code_verifier=proof.verifier)


def asked(person: Person, client: dict[str, Any], **form: str) -> dict[str, Any]:
    with program(person) as app:
        answer = app.post("/oauth2/token", data=form, auth=(client["clientId"], client["clientSecret"]))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ends(app: httpx.Client) -> bool:
    """Whether its token is refused, long before it expires."""
    return eventually(lambda: app.get("/api/media/videos").status_code == 401, seconds=20)


def test_an_app_acts_for_a_person_until_they_take_it_back(meet: Meet) -> None:
    ada, eve = meet(), meet()
    client = app_of(eve)
    tokens = tokens_of(ada, client)

    with program(ada, tokens["access_token"]) as app:
        assert app.get("/api/media/videos").status_code == 200
        assert app.get("/oauth2/userinfo").json()["preferred_username"] == ada.name
        assert app.get("/api/v1/users/me/authorized-apps").status_code == 403
        assert app.post("/api/media/videos/init-upload", json={}).status_code == 403
        gone = ada.http.delete(f"/api/v1/users/me/authorized-apps/{client['clientId']}")
        assert gone.status_code == 204
        assert ends(app)

    rows = eventually(lambda: ada.audit(action="oauth_grant.revoked"))
    assert rows[0]["details"]["reason"] == "consent_withdrawn"
    assert ada.audit(action="oauth_consent.given")


def test_a_deleted_apps_tokens_end_everywhere(meet: Meet) -> None:
    ada, eve = meet(), meet()
    client = app_of(eve)
    persons, own = tokens_of(ada, client), asked(eve, client, grant_type="client_credentials")

    with program(ada, persons["access_token"]) as one, program(eve, own["access_token"]) as other:
        assert (one.get("/api/media/videos").status_code, other.get("/api/media/videos").status_code) == (200, 200)
        assert eve.http.delete(f"/api/v1/oauth-clients/{client['clientId']}").status_code == 204
        assert ends(one)
        assert ends(other)
