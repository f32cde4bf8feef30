"""Accounts over the whole fleet: mails that are shown instead of sent, and what they are good for."""

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.people import PASSWORD, Meet, Person, eventually
from tools.stack import commands
from tools.stack.own_fleet import Fleet

NEW = "Another-horse8"


def mails(person: Person, template: str) -> list[dict[str, Any]]:
    """What the development mailbox shows of a kind, newest first."""
    answer = person.http.get("/dev/mail.json", params={"recipient": person.user["email"]})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["mails"]
    return [mail for mail in found if mail["template"] == template]


def token_of(person: Person, template: str) -> str:
    link = str(eventually(lambda: mails(person, template) or None)[0]["link"])
    return urlsplit(link).fragment.removeprefix("token=")


def login(person: Person, password: str) -> httpx.Response:
    return person.http.post("/api/auth/login", json={"username": person.name, "password": password})


def test_a_person_proves_their_address_and_chooses_a_forgotten_password_anew(fleet: Fleet, meet: Meet) -> None:
    ada = meet()
    link = eventually(lambda: mails(ada, "verify_email") or None)[0]["link"]
    assert link.startswith(f"{fleet.url}/account/verify-email#token=")
    assert httpx.get(link, trust_env=False).status_code == 200
    proven = ada.http.post("/api/auth/email/verify", json={"token": token_of(ada, "verify_email")})
    assert proven.status_code == 200, proven.text
    assert ada.http.get("/api/v1/auth/me").json()["is_verified"] is True

    asked = ada.http.post("/api/auth/password/forgot", json={"email": ada.user["email"]})
    nobody = ada.http.post("/api/auth/password/forgot", json={"email": "nobody@example.com"})
    assert (asked.status_code, asked.json()["data"]) == (nobody.status_code, nobody.json()["data"])
    body = {"token": token_of(ada, "reset_password"), "password": NEW}
    assert ada.http.post("/api/auth/password/reset", json=body).status_code == 200

    assert ada.http.post("/api/auth/password/reset", json=body).status_code == 400
    eventually(lambda: ada.http.get("/api/auth/me").status_code == 401 or None)
    assert login(ada, PASSWORD).status_code == 401
    assert login(ada, NEW).status_code == 200
    assert eventually(lambda: mails(ada, "password_changed") or None)


def test_changing_a_password_ends_the_other_sessions_everywhere(meet: Meet) -> None:
    ada = meet()
    other = login(ada, PASSWORD).json()["data"]["token"]
    body = {"currentPassword": PASSWORD, "newPassword": NEW}

    assert ada.http.post("/api/auth/password/change", json=body).status_code == 200

    elsewhere = {"authorization": f"Bearer {other}"}
    eventually(lambda: ada.http.get("/api/auth/me", headers=elsewhere).status_code == 401 or None)
    assert ada.http.get("/api/auth/me").status_code == 200
    wanted = {"password.changed", "session.revoked"}
    eventually(lambda: wanted <= {row["action"] for row in ada.audit()} or None)


def test_the_mailbox_is_a_page(meet: Meet) -> None:
    ada = meet()
    mail = eventually(lambda: mails(ada, "verify_email") or None)[0]

    assert ada.user["email"] in ada.http.get("/dev/mail").text
    assert mail["link"].replace("&", "&amp;") in ada.http.get(f"/dev/mail/{mail['id']}").text


def test_the_first_administrator_is_made_at_the_command_line(fleet: Fleet, capfd: pytest.CaptureFixture[str]) -> None:
    username = f"root_{uuid.uuid4().hex[:12]}"
    arguments = ["services.auth.accounts", "create-admin", username, f"{username}@example.com", "--force"]
    assert commands.run(fleet.told.layout, "auth", arguments) == 0
    found = re.search(r": ([a-z0-9]{5}(?:-[a-z0-9]{5}){3})$", capfd.readouterr().out, re.MULTILINE)
    assert found
    once = {"username": username, "password": found[1]}

    with httpx.Client(base_url=fleet.url, trust_env=False, timeout=30) as http:
        refused = http.post("/api/auth/login", json=once)
        replaced = http.post("/api/auth/password/replace", json={**once, "newPassword": NEW})
        entered = http.post("/api/auth/login", json={"username": username, "password": NEW})

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "PASSWORD_CHANGE_REQUIRED")
    assert (replaced.status_code, entered.status_code) == (200, 200)
    assert entered.json()["data"]["user"]["is_admin"] is True
