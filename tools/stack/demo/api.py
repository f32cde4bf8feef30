"""A client of the public API: the gateway and signed URLs, nothing else."""

import time
from pathlib import Path
from typing import Any, Self

import httpx

from tools.stack.demo.patient import Patient
from tools.stack.errors import StackError
from tools.stack.login import Login

Json = dict[str, Any]
PATIENCE = 180.0  # seconds for twelve seconds of film, on a busy machine


class Api:
    """One signed-in user; every answer is unwrapped, every refusal raises StackError with the API's own words."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, transport=Patient(), trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.close()

    def register(self, login: Login, email: str) -> None:
        """Make the account; one that is there already is no matter."""
        body = {"username": login.username, "email": email, "password": login.password}
        answer = self._http.post("/api/auth/register", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            refuse(answer)

    def sign_in(self, login: Login) -> Json:
        """Sign in and send the bearer token from now on."""
        answer: Json = self.post("/api/auth/login", {"username": login.username, "password": login.password})
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"
        return answer

    def get(self, path: str) -> Any:
        """The answer's data."""
        return self._answer("GET", path).json()["data"]

    def text(self, path: str) -> str:
        """The answer's body as it is."""
        return self._answer("GET", path).text

    def post(self, path: str, body: Json) -> Any:
        """The answer's data."""
        return self._answer("POST", path, json=body).json()["data"]

    def delete(self, path: str) -> None:
        """Take it away."""
        self._answer("DELETE", path)

    def put_file(self, url: str, file: Path, content_type: str) -> None:
        """Send the file's bytes to a signed URL: straight to the store, past the gateway."""
        with file.open("rb") as opened:
            headers = {"Content-Type": content_type, "Content-Length": str(file.stat().st_size)}
            answer = httpx.put(url, content=opened, headers=headers, trust_env=False, timeout=60)
        refuse(answer)

    def video_when_processed(self, video_id: int) -> Json:
        """Ask until the video is ready; raises StackError with the reason when it failed."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            video: Json = self.get(f"/api/media/videos/{video_id}")["video"]
            if video["status"] == "ready":
                return video
            if video["status"] == "failed":
                raise StackError(f"The video failed: {video.get('failureReason')}", "make logs S=media-worker")
            time.sleep(0.5)
        raise StackError(f"The video was not processed within {PATIENCE:.0f} s.", "make logs S=media-worker")

    def rows(self, path: str, least: int) -> list[Json]:
        """A list's rows, asked for until there are so many: the log follows what happens by a moment."""
        limit = time.monotonic() + 30
        while True:
            found: list[Json] = self.get(path)
            if len(found) >= least or time.monotonic() > limit:
                return found
            time.sleep(0.5)

    def _answer(self, method: str, path: str, json: Json | None = None) -> httpx.Response:
        answer = self._http.request(method, path, json=json)
        refuse(answer)
        return answer


def refuse(answer: httpx.Response) -> None:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise StackError(f"{asked} was answered {answer.status_code}.", "make doctor", answer.text[:1000])
