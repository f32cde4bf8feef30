"""API tokens and keys through the whole fleet: what they may, and how fast they stop."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests.e2e.people import Person, eventually


def anonymous(person: Person, **headers: str) -> httpx.Client:
    """A program: no session, these headers alone."""
    return httpx.Client(base_url=person.http.base_url, trust_env=False, timeout=30, headers=headers)


def keys_of(person: Person) -> str:
    organization = person.http.get("/api/v1/auth/me").json()["tenant_id"]
    return f"/api/v1/organizations/{organization}/api-keys"


def create(person: Person, **more: Any) -> dict[str, Any]:
    body = {"name": "Import", "permissions": [{"resource": "media", "actions": ["read"]}], **more}
    answer = person.http.post(keys_of(person), json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


def refused(client: httpx.Client) -> bool:
    """Whether the credential is refused, before the gateway would ask for it again by itself."""
    return eventually(lambda: client.get("/api/media/videos").status_code == 401, seconds=20)


def test_a_token_does_what_its_scopes_say_until_it_is_revoked(meet: Callable[[], Person]) -> None:
    ada = meet()
    made = ada.http.post("/api/auth/api-token", json={"scope": ["media:read"], "expiresIn": 3600})
    assert made.status_code == 201, made.text
    token = made.json()["data"]["token"]

    with anonymous(ada, authorization=f"Bearer {token}") as app:
        assert app.get("/api/media/videos").status_code == 200
        assert app.get("/api/auth/me").status_code == 403
        assert app.get("/api/auth/api-token").status_code == 403
        (listed,) = ada.http.get("/api/auth/api-token").json()["data"]["tokens"]
        assert listed.keys() >= {"tokenId", "scope", "expiresAt", "revoked"}
        revoked = ada.http.post("/api/auth/api-token/revoke", json={"tokenId": listed["tokenId"]})
        assert revoked.json() == {"success": True, "data": {"success": True}}
        assert refused(app)


def test_a_key_does_what_its_permissions_say_until_it_is_revoked(meet: Callable[[], Person]) -> None:
    ada = meet()
    made = create(ada, rateLimit={"requestsPerSecond": 50, "burstLimit": 200})

    with anonymous(ada, **{"x-api-key": made["key"]}) as program:
        listed = program.get("/api/media/videos")
        assert (listed.status_code, listed.headers["ratelimit-limit"]) == (200, "200")
        upload = {"filename": "a.mp4", "contentType": "video/mp4", "size": 5}
        assert program.post("/api/media/videos/init-upload", json=upload).status_code == 403
        typo = made["key"][:-1] + ("a" if made["key"][-1] != "a" else "b")
        with anonymous(ada, **{"x-api-key": typo}) as mistyped:
            assert "typing error" in mistyped.get("/api/media/videos").json()["error"]["message"]
        turned = ada.http.post(f"{keys_of(ada)}/{made['id']}/rotate", json={"overlapSeconds": 60}).json()["data"]
        assert program.get("/api/media/videos").status_code == 200
        with anonymous(ada, **{"x-api-key": turned["key"]}) as renewed:
            assert renewed.get("/api/media/videos").status_code == 200
            revoked = ada.http.post(f"{keys_of(ada)}/{made['id']}/revoke", headers={"if-match": '"2"'})
            assert (revoked.status_code, revoked.json()["data"]["isActive"]) == (200, False)
            assert refused(program)
            assert refused(renewed)
    actions = eventually(lambda: rows if len(rows := told(ada)) >= 4 else None)
    assert actions >= {"api_key.created", "api_key.rotated", "api_key.revoked", "api_key.refused"}


def told(person: Person) -> set[str]:
    """The names of what the audit log says of keys."""
    return {row["action"] for row in person.audit() if row["action"].startswith("api_key.")}


def test_a_signed_request_is_taken_once(meet: Callable[[], Person]) -> None:
    ada = meet()
    made = create(ada, requireSignature=True, ipWhitelist=["127.0.0.0/8"])
    stamp, nonce, path = str(int(time.time())), uuid.uuid4().hex, "/api/media/videos?limit=5"
    text = f"GET\n{path}\n{stamp}\n{nonce}\n{hashlib.sha256(b'').hexdigest()}".encode()
    signature = "v1=" + hmac.new(made["signingSecret"].encode(), text, "sha256").hexdigest()
    headers = {"x-timestamp": stamp, "x-nonce": nonce, "x-signature": signature}

    with anonymous(ada, **{"x-api-key": made["key"]}) as program:
        assert program.get(path).status_code == 401
        assert program.get(path, headers=headers).status_code == 200
        replayed = program.get(path, headers=headers)

    assert replayed.status_code == 401
    assert "used before" in replayed.json()["error"]["message"]
