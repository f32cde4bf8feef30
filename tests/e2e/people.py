"""Somebody who uses Orrery from outside: HTTP through the gateway and nothing else."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

Answer = TypeVar("Answer")
PASSWORD = "Password123"
PATIENCE_SECONDS = 90.0


class Person:
    """A registered account with its access token."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, trust_env=False, timeout=30)
        self.name = f"person_{uuid.uuid4().hex[:12]}"
        self.user: dict[str, Any] = {}
        self.refresh_token = ""

    def register(self) -> "Person":
        body = {"username": self.name, "email": f"{self.name}@example.com", "password": PASSWORD}
        self._signed_in(self.http.post("/api/auth/register", json=body), 201)
        return self

    def login(self) -> "Person":
        self._signed_in(self.http.post("/api/auth/login", json={"username": self.name, "password": PASSWORD}), 200)
        return self

    def _signed_in(self, answer: httpx.Response, status: int) -> None:
        assert answer.status_code == status, answer.text
        data = answer.json()["data"]
        self.user, self.refresh_token = data["user"], data["refreshToken"]
        self.http.headers["authorization"] = f"Bearer {data['token']}"

    def start_upload(self, file: Path, size: int | None = None) -> tuple[int, str]:
        """Reserve a video; its id and the URL to PUT to."""
        body = {"filename": file.name, "contentType": "video/mp4", "size": size or file.stat().st_size}
        answer = self.http.post("/api/media/videos/init-upload", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["videoId"], answer.json()["data"]["uploadUrl"]

    def complete(self, video: int) -> httpx.Response:
        return self.http.post("/api/media/videos/complete-upload", json={"videoId": video})

    def upload(self, file: Path) -> int:
        """Upload a file whole; processing has begun when this returns."""
        video, url = self.start_upload(file)
        put(url, file)
        answer = self.complete(video)
        assert answer.status_code == 200, answer.text
        return video

    def video(self, video: int) -> dict[str, Any]:
        answer = self.http.get(f"/api/media/videos/{video}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]["video"]
        return found

    def processed(self, video: int) -> dict[str, Any]:
        """The video once it is ready or failed."""
        return eventually(lambda: found if (found := self.video(video))["status"] in ("ready", "failed") else None)

    def audit(self, **filters: str) -> list[dict[str, Any]]:
        """The audit rows that this person may see, newest first."""
        query = {f"filter[{name}]": value for name, value in filters.items()} | {"limit": "100"}
        answer = self.http.get("/api/v1/audit-logs", params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        """The access-log rows that this person may see, newest first."""
        query = {f"filter[{name}]": value for name, value in filters.items()} | {"limit": "100"}
        answer = self.http.get("/api/v1/logs", params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows


Meet = Callable[[], Person]


def put(url: str, file: Path) -> None:
    answer = httpx.put(
        url, content=file.read_bytes(), headers={"content-type": "video/mp4"}, trust_env=False, timeout=30
    )
    assert answer.status_code == 200, answer.text


def eventually(ask: Callable[[], Answer | None], seconds: float = PATIENCE_SECONDS) -> Answer:
    """The first answer that is not None (or empty); fails when none came in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if answer := ask():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"did not happen within {seconds:.0f} s")
