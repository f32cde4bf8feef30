"""People take their data with them, and leave nothing behind."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.people import PASSWORD, Meet, Person, eventually


def resource(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def export(person: Person) -> dict[str, str]:
    """The files of the person's archive."""
    asked = resource(person.http.post("/api/v1/users/me/export"), 202)

    def ready() -> dict[str, Any] | None:
        found = resource(person.http.get(f"/api/v1/users/me/exports/{asked['id']}"), 200)
        return None if found["status"] == "pending" else found

    found = eventually(ready)
    assert found["status"] == "ready", found
    archive = httpx.get(found["downloadUrl"], trust_env=False)
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_an_archive_holds_what_every_service_knows(meet: Meet, sample: Path) -> None:
    ada = meet()
    video = ada.upload(sample)
    ada.processed(video)
    eventually(lambda: [row for row in ada.audit() if row["action"] == "video.ready"])

    files = export(ada)

    assert json.loads(files["account/user_account.jsonl"])["email"] == ada.user["email"]
    (film,) = [json.loads(line) for line in files["media/videos.jsonl"].splitlines()]
    assert film["video_id"] == video
    assert httpx.get(film["download_url"], trust_env=False).content == sample.read_bytes()
    assert files["media/captures.jsonl"].count("\n") >= 3
    actions = {json.loads(line)["action"] for line in files["audit/audit_log.jsonl"].splitlines()}
    assert {"account.registered", "session.started", "video.uploaded", "video.ready"} <= actions
    assert not any(word in text for text in files.values() for word in ("argon2", ada.refresh_token))


def test_whoever_deletes_their_account_is_out_at_once_and_gone_everywhere(meet: Meet, sample: Path) -> None:
    ada, bob = meet(), meet()
    video = ada.upload(sample)
    ada.processed(video)

    deletion = ada.http.delete("/api/v1/users/me")

    assert resource(deletion, 202)["status"] == "scheduled"
    eventually(lambda: ada.http.get("/api/auth/me").status_code == 401 or None)
    assert ada.http.post("/api/auth/login", json={"username": ada.name, "password": PASSWORD}).status_code == 401

    def free() -> bool | None:
        body = {"username": ada.name, "email": f"{ada.name}@example.com", "password": PASSWORD}
        return bob.http.post("/api/auth/register", json=body).status_code == 201 or None

    assert eventually(free)
    again = ada.login()
    assert again.user["userId"] > bob.user["userId"]
    assert again.http.get(f"/api/media/videos/{video}").status_code == 404
    assert again.http.get("/api/media/videos").json()["data"]["videos"] == []
