"""Register, sign in, upload, wait, and look at what came of it and who did what."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from admin.errors import Failed
from admin.smoke.api import LOGS_PATIENCE, PATIENCE, Api, Json, Login, eventually

T = TypeVar("T")
SAMPLE = Path(__file__).with_name("sample.mp4")
CONTENT_TYPE = "video/mp4"
VIDEOS = "/api/media/videos"
DONE = {"video.upload_started", "video.uploaded", "video.ready"}


class Step(Protocol):
    """Does a step and tells about it; whatever the step raises goes on."""

    def __call__(self, what: str, work: Callable[[], T], outcome: Callable[[T], str]) -> T: ...


@dataclass(frozen=True)
class Smoke:
    """The main job by somebody new, with names that nobody had before."""

    api: Api
    step: Step
    domain: str
    patience: float = PATIENCE

    def run(self, *, keep: bool) -> None:
        """Raises Failed at the first step that does not do what it should."""
        name = f"smoke_{secrets.token_hex(6)}"
        login = Login(name, f"Aa1-{secrets.token_urlsafe(18)}")
        email = f"{name}@{self.domain}"
        self.step("register", lambda: self.api.register(login, email), lambda _: name)
        self.step("login", lambda: self.api.sign_in(login), lambda _: "an access token")
        video = upload(self.api, SAMPLE, self.step, self.patience)
        self.step("results", lambda: self.results(video), str)
        self.step("audit log", lambda: self.audited(video), str)
        self.step("access log", self.logged, str)
        if not keep:
            self.step("delete", lambda: self.delete(video), str)

    def results(self, video: Json) -> str:
        """What the worker made, fetched as a player fetches it."""
        path = f"{VIDEOS}/{video['videoId']}"
        captures = self.api.get(f"{path}/captures")["captures"]
        analyses = self.api.get(f"{path}/audio-analysis")["analyses"]
        playlist = self.api.text(f"{path}/stream.m3u8")
        segments = [line for line in playlist.splitlines() if line and not line.startswith("#")]
        missing = [
            name for name, found in (("captures", captures), ("sound", analyses), ("playlist", segments)) if not found
        ]
        if missing:
            raise Failed(f"The video is ready, but {' and '.join(missing)} are missing.")
        fetched = sum(len(self.api.fetch(url)) for url in (captures[0]["imageUrl"], segments[0]))
        return f"{len(captures)} captures, {len(segments)} segments, {fetched:,} bytes fetched"

    def audited(self, video: Json) -> str:
        """The audit log says who did what with the video."""
        query = f"/api/v1/audit-logs?filter[targetEntity]=video&filter[targetId]={video['videoId']}&limit=100"

        def actions() -> set[str] | None:
            found = {row["action"] for row in self.api.get(query)}
            return found if found >= DONE else None

        late = f"The audit log has not {', '.join(sorted(DONE))} of video {video['videoId']}; is audit consuming?"
        return ", ".join(sorted(eventually(actions, self.patience, late)))

    def logged(self) -> str:
        """A request of now is in the access log, by its id."""
        request_id = f"smoke-{secrets.token_hex(8)}"
        self.api.get(f"{VIDEOS}?limit=1", **{"x-request-id": request_id})
        query = f"/api/v1/logs?filter[requestId]={request_id}&limit=10"
        late = f"The access log has no request {request_id} after {LOGS_PATIENCE:.0f} s; is audit consuming?"
        [row] = eventually(lambda: self.api.get(query), LOGS_PATIENCE, late)
        return f"{row['metadata']['method']} {row['metadata']['statusCode']} as {request_id}"

    def delete(self, video: Json) -> str:
        """Leave nothing behind: the video at once, the account when its time for second thoughts is over."""
        path = f"{VIDEOS}/{video['videoId']}"
        self.api.delete(path)
        if not self.api.is_gone(path):
            raise Failed(f"Video {video['videoId']} is still there after it was deleted.")
        self.api.delete("/api/v1/users/me")
        return f"video {video['videoId']} is gone, the account is scheduled for erasure"


def upload(api: Api, file: Path, step: Step, patience: float = PATIENCE) -> Json:
    """A file by a signed URL; answers the processed video."""
    size = file.stat().st_size
    wanted = {"filename": file.name, "contentType": CONTENT_TYPE, "size": size}
    place = step("init-upload", lambda: api.post(f"{VIDEOS}/init-upload", wanted), lambda _: "a signed URL")
    step("PUT to the store", lambda: api.put_file(place["uploadUrl"], file, CONTENT_TYPE), lambda _: f"{size:,} bytes")
    number = {"videoId": place["videoId"]}
    step(
        "complete-upload",
        lambda: api.post(f"{VIDEOS}/complete-upload", number),
        lambda _: f"video {place['videoId']}",
    )
    return step(
        "the worker",
        lambda: api.video_when_processed(place["videoId"], patience),
        lambda video: f"{video['status']}, {video['duration']:.1f} s, {video['width']} x {video['height']}",
    )
