"""A client of the public API: the gateway and signed URLs, nothing else."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from admin.errors import Failed
from admin.smoke.patient import Patient

Json = dict[str, Any]
Answer = TypeVar("Answer")
PATIENCE = 180.0  # seconds for twelve seconds of film, on a busy machine
LOGS_PATIENCE = 30.0  # the logs follow what happens by a moment


@dataclass(frozen=True)
class Login:
    """Who to sign in as."""

    username: str
    password: str


class Api:
    """One signed-in user; every answer is unwrapped, every refusal raises Failed with the API's own words."""

    def __init__(self, url: str, authority: Path | None = None) -> None:
        self._verify = trust(authority)
        self._http = httpx.Client(
            base_url=checked(url), transport=Patient(verify=self._verify), trust_env=False, timeout=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.close()

    def register(self, login: Login, email: str) -> None:
        """Make the account; one that is there already is no matter."""
        body = {"username": login.username, "email": email, "password": login.password}
        answer = self._send("POST", "/api/auth/register", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            refuse(answer)

    def sign_in(self, login: Login) -> Json:
        """Sign in and send the bearer token from now on."""
        answer: Json = self.post("/api/auth/login", {"username": login.username, "password": login.password})
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """The answer's data."""
        return self._answer("GET", path, headers=headers).json()["data"]

    def text(self, path: str) -> str:
        """The answer's body as it is."""
        return self._answer("GET", path).text

    def post(self, path: str, body: Json) -> Any:
        """The answer's data."""
        return self._answer("POST", path, json=body).json()["data"]

    def delete(self, path: str) -> None:
        """Take it away."""
        self._answer("DELETE", path)

    def is_gone(self, path: str) -> bool:
        """Whether there is no such thing."""
        return self._send("GET", path).status_code == httpx.codes.NOT_FOUND

    def put_file(self, url: str, file: Path, content_type: str) -> None:
        """Send the file's bytes to a signed URL: straight to the store, past the gateway."""
        with file.open("rb") as opened:
            headers = {"Content-Type": content_type, "Content-Length": str(file.stat().st_size)}
            answer = reach(lambda: self._store("PUT", url, content=opened, headers=headers), url)
        refuse(answer)

    def fetch(self, url: str) -> bytes:
        """What a signed URL leads to."""
        answer = reach(lambda: self._store("GET", url), url)
        refuse(answer)
        return answer.content

    def video_when_processed(self, video_id: int, seconds: float = PATIENCE) -> Json:
        """Ask until the video is ready; raises Failed with the reason when it failed."""

        def settled() -> Json | None:
            video: Json = self.get(f"/api/media/videos/{video_id}")["video"]
            if video["status"] == "failed":
                raise Failed(f"The video failed: {video.get('failureReason')} Its reason is in media-worker's log.")
            return video if video["status"] == "ready" else None

        late = f"The video was not processed within {seconds:.0f} s; media-worker's log says more."
        return eventually(settled, seconds, late)

    def rows(self, path: str, least: int) -> list[Json]:
        """A list's rows, asked for until there are so many, and in the end as many as there are."""
        limit = time.monotonic() + LOGS_PATIENCE
        while True:
            found: list[Json] = self.get(path)
            if len(found) >= least or time.monotonic() > limit:
                return found
            time.sleep(0.5)

    def _answer(self, method: str, path: str, **given: Any) -> httpx.Response:
        answer = self._send(method, path, **given)
        refuse(answer)
        return answer

    def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        return reach(lambda: self._http.request(method, path, **given), str(self._http.base_url))

    def _store(self, method: str, url: str, **given: Any) -> httpx.Response:
        return httpx.request(method, url, trust_env=False, timeout=60, verify=self._verify, **given)


def checked(url: str) -> str:
    """The URL as it is; raises Failed, which does not repeat it: there may be a password in it."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        is_good = False
    if not is_good:
        raise Failed("The URL is http://host or https://host:port, without a user and a password.")
    return url


def trust(authority: Path | None) -> ssl.SSLContext:
    """The machine's own certificate authorities, and those of a file; raises Failed where it is none."""
    context = ssl.create_default_context()
    try:
        if authority:
            context.load_verify_locations(authority)
    except OSError as unusable:
        raise Failed(f"{authority} is no file of certificates: {unusable}.") from None
    return context


def eventually(ask: Callable[[], Answer | None], seconds: float, late: str) -> Answer:
    """The first answer that is something; raises Failed(late) when none came in time."""
    limit = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > limit:
            raise Failed(late)
        time.sleep(0.5)
    return answer


def reach(ask: Callable[[], httpx.Response], url: str) -> httpx.Response:
    try:
        return ask()
    except (httpx.HTTPError, httpx.InvalidURL) as away:
        parts = urlsplit(url)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"  # no signature, no password
        raise Failed(f"{shown} is not reached from here: {str(away).rstrip('.')}.") from None


def refuse(answer: httpx.Response) -> None:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        said = " ".join(answer.text[:500].split())
        raise Failed(f"{asked} was answered {answer.status_code}: {said}")
