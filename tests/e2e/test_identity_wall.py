"""The wall over HTTP: every route of the gateway that names a thing, asked by strangers for a tenant's things.

Generated from the route tables. A new parameter of a path fails `test_every_parameter_is_known` until KNOWN says what
stands there; tests/services/auth/test_wall_generated.py walks auth more closely, with every kind of credential.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.router import Route, all_routes
from gateway.routes import ROUTERS
from tests.e2e.people import Person

MARK = "alphasecret"
OPEN = {"platform"}
"""Parameters that name nothing of a tenant's."""
BODIES: dict[str, dict[str, Any]] = {
    "organizations_update": {"name": "taken"},
    "organizations_update_settings": {"timezone": "Asia/Tokyo"},
    "organizations_transfer": {"userId": str(uuid.uuid4())},
    "members_update": {"role": "ADMIN"},
    "invitations_create": {"email": "stranger@example.com"},
    "roles_create": {"name": "taken", "permissions": [{"resource": "media", "actions": ["read"]}]},
    "roles_update": {"description": "taken"},
    "api_keys_create": {"name": "taken", "permissions": [{"resource": "media", "actions": ["read"]}]},
    "api_keys_update": {"name": "taken"},
    "oauth_clients_update": {"name": "taken"},
    "passkeys_rename": {"name": "taken"},
    "users_update": {"status": "suspended"},
    "user_api_keys_update": {"access_token": "taken"},
    "videos_update": {"title": "taken"},
}
"""What a stranger would write; without it a body is empty."""


@dataclass
class Tenant:
    """Its owner, and its ids by the parameter that takes them."""

    owner: Person
    ids: dict[str, str]

    def path(self, route: Route) -> str:
        path = route.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        return path.replace("{id}", self.ids["user"] if "/users/" in path else self.ids["organization"])


def walked() -> list[Route]:
    """Each route that names something of somebody's."""
    routes = [route for route in all_routes(ROUTERS) if "{" in route.path]
    return [route for route in routes if not set(route.in_path) <= OPEN]


@pytest.fixture(scope="module")
def tenant(meet: Callable[[], Person]) -> Tenant:
    ada = meet()
    organization = made(ada, "/api/v1/organizations", {"name": f"{MARK} incorporated"})["id"]
    path = f"/api/v1/organizations/{organization}"
    read = [{"resource": "media", "actions": ["read"]}]
    app = {"name": MARK, "redirectUris": ["https://a.example/b"], "grantTypes": ["authorization_code"]}
    upload = {"filename": f"{MARK}.mp4", "contentType": "video/mp4", "size": 5}
    ids = {
        "organization": organization,
        "user": ada.user["id"],
        "tenant_id": organization,
        "userId": ada.user["id"],
        "roleId": made(ada, f"{path}/roles", {"name": MARK, "permissions": read})["id"],
        "invitationId": made(ada, f"{path}/invitations", {"email": f"{MARK}@example.com"})["id"],
        "keyId": made(ada, f"{path}/api-keys", {"name": MARK, "permissions": read})["id"],
        "clientId": made(ada, "/api/v1/oauth-clients", {**app, "scopes": ["openid"]})["clientId"],
        "videoId": str(made(ada, "/api/media/videos/init-upload", upload)["videoId"]),
        "sessionId": ada.http.get("/api/v1/users/me/sessions").json()["data"][0]["id"],
        "exportId": made(ada, "/api/v1/users/me/export", {}, 202)["id"],
        "credentialId": "bm9uZQ",  # nobody's; a passkey takes a browser
        "api_key_id": str(uuid.uuid4()),  # nobody's; tests/services/auth walks a real one
    }
    return Tenant(ada, ids)


def made(who: Person, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = who.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def test_every_parameter_is_known(tenant: Tenant) -> None:
    unknown = [route.id for route in walked() if "{" in tenant.path(route)]

    assert unknown == []
    assert {route.service for route in walked()} >= {"auth", "media"}


def test_strangers_and_nobody_get_nothing(tenant: Tenant, meet: Callable[[], Person]) -> None:
    bob = meet()
    organization = bob.http.get("/api/v1/auth/me").json()["tenant_id"]
    key = made(
        bob,
        f"/api/v1/organizations/{organization}/api-keys",
        {"name": "x", "permissions": [{"resource": "*", "actions": ["create", "read", "update", "delete"]}]},
    )["key"]
    before = owned(tenant)
    with (
        httpx.Client(base_url=bob.http.base_url, trust_env=False, timeout=30, headers={"x-api-key": key}) as program,
        httpx.Client(base_url=bob.http.base_url, trust_env=False, timeout=30) as nobody,
    ):
        wrong = [
            (route.id, answer.status_code, answer.text)
            for client, allowed in ((bob.http, (403, 404)), (program, (403, 404)), (nobody, (401,)))
            for route in walked()
            if (answer := ask(client, route, tenant)).status_code not in allowed or MARK in answer.text
        ]

    assert wrong == []
    assert owned(tenant) == before


def ask(client: httpx.Client, route: Route, tenant: Tenant) -> httpx.Response:
    body = BODIES.get(route.id, {}) if route.has_body else None
    return client.request(route.verb, tenant.path(route), json=body)


def owned(tenant: Tenant) -> dict[str, Any]:
    """All that the tenant's owner reads, without what differs from answer to answer."""
    reads = [route for route in walked() if route.verb == "GET" and route.family.name in ("resource", "envelope")]
    answers = {route.id: tenant.owner.http.get(tenant.path(route)) for route in reads}
    found = {name: answer.json().get("data") for name, answer in answers.items()}
    return found | {"users_get_export": found["users_get_export"]["id"]}  # the rest is signed anew each time


def test_the_owner_reads_what_strangers_do_not(tenant: Tenant) -> None:
    """Else the walk would prove nothing."""
    seen = owned(tenant)

    assert seen["organizations_get"]["name"] == f"{MARK} incorporated"
    assert seen["roles_get"]["name"] == MARK
    assert seen["videos_get"]["video"]["title"].startswith(MARK)
