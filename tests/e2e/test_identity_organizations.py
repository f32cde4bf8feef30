"""Organizations through the whole fleet: joining, roles that hold at once, versions, suspension."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from tests.e2e.people import PASSWORD, Person, eventually
from tools.stack import parts
from tools.stack.own_fleet import Fleet

ORGANIZATIONS = "/api/v1/organizations"


def found(person: Person, name: str) -> dict[str, Any]:
    answer = person.http.post(ORGANIZATIONS, json={"name": name})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


def act_for(person: Person, organization: str) -> None:
    """Sign in for this organization."""
    body = {"username": person.name, "password": PASSWORD, "organizationId": organization}
    answer = person.http.post("/api/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    person.refresh_token = answer.json()["data"]["refreshToken"]
    person.http.headers["authorization"] = f"Bearer {answer.json()['data']['token']}"


def hire(owner: Person, organization: str, who: Person, role: str) -> None:
    invited = owner.http.post(
        f"{ORGANIZATIONS}/{organization}/invitations", json={"email": who.user["email"], "role": role}
    )
    assert invited.status_code == 201, invited.text
    accepted = who.http.post("/api/v1/invitations/accept", json={"token": invited.json()["data"]["token"]})
    assert accepted.status_code == 200, accepted.text
    act_for(who, organization)


def test_versions_guard_an_organization_against_lost_updates(meet: Callable[[], Person]) -> None:
    ada = meet()
    path = f"{ORGANIZATIONS}/{found(ada, 'Analytical Engines')['id']}"

    read = ada.http.get(path)
    assert read.headers["etag"]
    assert ada.http.get(path, headers={"if-none-match": read.headers["etag"]}).status_code == 304
    changed = ada.http.patch(path, json={"name": "Difference Engines"}, headers={"if-match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["data"]["version"]) == (200, 2), changed.text
    lost = ada.http.patch(path, json={"name": "Lost"}, headers={"if-match": read.headers["etag"]})
    assert (lost.status_code, lost.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    settings = ada.http.patch(f"{path}/settings", json={"timezone": "Asia/Tokyo", "retention": {"logs": 30}})
    assert settings.json()["data"]["dataRetention"] == {"logs": 30, "analytics": 365, "backups": 30}
    assert settings.json()["data"]["webhookEndpoints"] == []


def test_a_role_holds_at_every_gateway_within_moments(meet: Callable[[], Person]) -> None:
    ada, bob = meet(), meet()
    organization = found(ada, "Engines")["id"]
    path = f"{ORGANIZATIONS}/{organization}"
    body = {"name": "Readers", "permissions": [{"resource": "media", "actions": ["read"]}]}
    role = ada.http.post(f"{path}/roles", json=body)
    assert role.status_code == 201, role.text
    hire(ada, organization, bob, "Readers")

    assert bob.http.get("/api/media/videos").status_code == 200
    upload = {"filename": "a.mp4", "contentType": "video/mp4", "size": 5}
    refused = bob.http.post("/api/media/videos/init-upload", json=upload)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert bob.http.get(f"{path}/members").status_code == 403

    promoted = ada.http.patch(f"{path}/members/{bob.user['id']}", json={"role": "ADMIN"})
    assert promoted.status_code == 200, promoted.text
    outdated = eventually(lambda: answer if (answer := bob.http.get(path)).status_code == 401 else None, seconds=20)
    assert outdated.json()["error"]["code"] == "TOKEN_EXPIRED"
    act_for(bob, organization)
    assert bob.http.get(f"{path}/members").json()["metadata"]["pagination"]["total"] == 2

    removed = ada.http.delete(f"{path}/members/{bob.user['id']}")
    assert removed.status_code == 204, removed.text
    assert eventually(lambda: bob.http.get(path).status_code == 401, seconds=20)


def test_people_see_each_other_as_their_role_permits(meet: Callable[[], Person]) -> None:
    ada, bob = meet(), meet()
    organization = found(ada, "Engines")["id"]
    hire(ada, organization, bob, "OPERATOR")
    act_for(ada, organization)
    document = '{"b":5,"a":5.0}'
    said = ada.http.patch(
        "/api/v1/users/me",
        content=f'{{"firstName":"Ada","avatar":"https://example.com/a.png","metadata":{document}}}',
        headers={"content-type": "application/json"},
    )
    assert said.status_code == 200, said.text
    assert f'"metadata":{document}' in said.text

    seen = {one["id"]: one for one in bob.http.get("/api/v1/users").json()["data"]}
    assert seen[ada.user["id"]]["firstName"] == "Ada"
    assert not seen[ada.user["id"]].keys() & {"email", "metadata", "emailVerified", "lastLoginAt"}
    whole = ada.http.get(f"/api/v1/users/{bob.user['id']}").json()["data"]
    assert (whole["email"], whole["role"]["name"]) == (bob.user["email"], "OPERATOR")
    assert bob.http.get("/api/v1/users?filter[email]=x").status_code == 400
    names = ada.http.get("/api/v1/users", params={"fields": "username", "sort": "-username", "limit": "1"})
    assert [one.keys() for one in names.json()["data"]] == [{"username"}]


def test_whoever_registers_with_an_invitation_is_an_operator_of_the_tenant(meet: Callable[[], Person]) -> None:
    ada = meet()
    organization = found(ada, "Engines")["id"]
    name = f"{ada.name}_guest"
    email = f"{name}@example.com"
    invited = ada.http.post(f"{ORGANIZATIONS}/{organization}/invitations", json={"email": email})
    body = {"username": name, "email": email, "password": PASSWORD}
    with httpx.Client(base_url=ada.http.base_url, trust_env=False) as guest:
        made = guest.post("/api/v1/auth/register", json={**body, "invitation_token": invited.json()["data"]["token"]})
        assert (made.status_code, made.json()["role"], made.json()["tenant_id"]) == (201, "OPERATOR", organization)

    tenant = ada.http.get(f"/api/v1/tenants/{organization}").json()
    assert (tenant["plan"], tenant["status"], tenant["settings"]) == ("FREE", "ACTIVE", {})
    snippet = ada.http.get(f"/api/v1/tenants/{organization}/embed-snippet").json()
    assert snippet["api_key"] in snippet["snippet"]
    assert ada.http.get(f"{ORGANIZATIONS}/{organization}/invitations").json()["data"][0]["status"] == "accepted"


def test_an_organization_with_members_is_deleted_by_its_name_alone(meet: Callable[[], Person]) -> None:
    ada, bob = meet(), meet()
    made = found(ada, "Engines")
    hire(ada, made["id"], bob, "OPERATOR")
    path = f"{ORGANIZATIONS}/{made['id']}"

    assert ada.http.delete(path).status_code == 409
    assert ada.http.delete(path, params={"confirm": made["slug"]}).status_code == 204
    assert ada.http.get(path).status_code == 404
    assert eventually(lambda: bob.http.get("/api/v1/users/me").status_code == 401, seconds=20)


@pytest.fixture
def root(meet: Callable[[], Person], fleet: Fleet) -> Person:
    """A platform administrator."""
    who, postgres = meet(), fleet.parts["postgres"]
    assert isinstance(postgres, parts.Postgres)
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        server.execute("UPDATE auth.user_account SET is_admin = true WHERE username = %s", (who.name,))
    return who.login()


def bearing(person: Person, headers: dict[str, str]) -> httpx.Client:
    """A program with a credential of its own."""
    return httpx.Client(base_url=person.http.base_url, trust_env=False, timeout=30, headers=headers)


def acts_for(person: Person, organization: str) -> bool:
    """Whether somebody who signs in now is let in; not before the gateway has heard the news."""
    act_for(person, organization)
    return person.http.get("/api/media/videos").status_code == 200


def comes_to(client: httpx.Client, status: int) -> None:
    """Wait until the gateway answers so."""
    assert eventually(lambda: client.get("/api/media/videos").status_code == status, seconds=40)


def test_a_suspended_organization_stops_all_that_acts_for_it_until_it_is_resumed(
    meet: Callable[[], Person], root: Person
) -> None:
    ada = meet()
    organization = found(ada, "Engines")["id"]
    path = f"{ORGANIZATIONS}/{organization}"
    act_for(ada, organization)
    body = {"name": "Import", "permissions": [{"resource": "media", "actions": ["read"]}]}
    key = ada.http.post(f"{path}/api-keys", json=body).json()["data"]["key"]
    token = ada.http.post("/api/auth/api-token", json={"scope": ["media:read"], "expiresIn": 3600}).json()["data"][
        "token"
    ]
    with bearing(ada, {"x-api-key": key}) as program, bearing(ada, {"authorization": f"Bearer {token}"}) as app:
        everything = (ada.http, program, app)
        assert [one.get("/api/media/videos").status_code for one in everything] == [200, 200, 200]

        assert root.http.patch(path, json={"status": "suspended"}).status_code == 200
        for one in everything:
            comes_to(one, 401)
        renewed = ada.http.post("/api/auth/refresh", json={"refreshToken": ada.refresh_token})
        assert renewed.status_code == 401, renewed.text

        assert root.http.patch(path, json={"status": "active"}).status_code == 200
        assert eventually(lambda: acts_for(ada, organization), seconds=20)
        for one in everything:
            comes_to(one, 200)


def test_a_suspended_person_is_out_everywhere(meet: Callable[[], Person], root: Person) -> None:
    ada = meet()
    path = f"/api/v1/users/{ada.user['id']}"

    suspended = root.http.patch(path, json={"status": "suspended"})
    assert (suspended.status_code, suspended.json()["data"]["status"]) == (200, "suspended"), suspended.text
    assert eventually(lambda: ada.http.get("/api/auth/me").status_code == 401, seconds=20)
    body = {"username": ada.name, "password": PASSWORD}
    assert ada.http.post("/api/auth/login", json=body).status_code == 401
    assert ada.http.patch(path, json={"status": "active"}).status_code == 401

    assert root.http.patch(path, json={"status": "active"}).status_code == 200
    assert eventually(lambda: ada.login().http.get("/api/auth/me").status_code == 200, seconds=20)
