"""The main job as a newcomer does it: through the gateway and nothing else."""

from pathlib import Path

import httpx
import pytest

from tests.e2e.people import Meet, Person, eventually


@pytest.fixture(scope="module")
def owner(meet: Meet) -> Person:
    return meet().login()


@pytest.fixture(scope="module")
def video(owner: Person, sample: Path) -> int:
    return owner.upload(sample)


def test_a_video_becomes_metadata_captures_sound_and_a_stream(owner: Person, video: int) -> None:
    found = owner.processed(video)

    captures = owner.http.get(f"/api/media/videos/{video}/captures").json()["data"]["captures"]
    analyses = owner.http.get(f"/api/media/videos/{video}/audio-analysis").json()["data"]["analyses"]
    playlist = owner.http.get(f"/api/media/videos/{video}/stream.m3u8")

    assert found["status"] == "ready", found
    assert found["userId"] == owner.user["userId"]
    assert 5 < found["duration"] < 20
    assert len(captures) >= 3
    assert [one["segmentIndex"] for one in analyses] == list(range(len(analyses)))
    assert any(one["features"]["integratedLufs"] > -40 for one in analyses if not one["features"]["silence"])
    assert playlist.text.startswith("#EXTM3U")


def test_every_picture_and_segment_can_be_fetched(owner: Person, video: int) -> None:
    found = owner.processed(video)
    captures = owner.http.get(f"/api/media/videos/{video}/captures").json()["data"]["captures"]
    playlist = owner.http.get(f"/api/media/videos/{video}/stream.m3u8").text
    segments = [line for line in playlist.splitlines() if line.startswith("http")]

    answers = [
        httpx.get(url, trust_env=False) for url in (found["thumbnailUrl"], *(one["imageUrl"] for one in captures))
    ]

    assert all(answer.content.startswith(b"\xff\xd8") for answer in answers)
    assert segments
    assert all(httpx.get(url, trust_env=False).status_code == 200 for url in segments)


def test_the_audit_log_says_who_did_what(owner: Person, video: int) -> None:
    owner.processed(video)

    rows = eventually(
        lambda: rows if len(rows := owner.audit(targetEntity="video", targetId=str(video))) >= 3 else None
    )

    assert {row["action"] for row in rows} == {"video.upload_started", "video.uploaded", "video.ready"}
    assert {row["targetId"] for row in rows} == {video}
    assert {row["userId"] for row in rows} == {owner.user["userId"]}


def test_the_access_log_has_each_request_once(owner: Person, video: int) -> None:
    request_id = f"e2e-{video}-once"
    owner.http.get(f"/api/media/videos/{video}", headers={"x-request-id": request_id})

    rows = eventually(lambda: owner.requests(requestId=request_id))

    assert [(row["metadata"]["method"], row["metadata"]["statusCode"]) for row in rows] == [("GET", 200)]


def test_a_stranger_sees_nothing_of_it(meet: Meet, owner: Person, video: int) -> None:
    owner.processed(video)
    stranger = meet()

    answers = [
        stranger.http.get(f"/api/media/videos/{video}{rest}")
        for rest in ("", "/captures", "/audio-analysis", "/stream.m3u8")
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert stranger.http.delete(f"/api/media/videos/{video}").status_code == 404
    assert not stranger.audit(targetEntity="video")


@pytest.mark.parametrize(
    ("name", "content"),
    [("text.mp4", b"this is not a video at all " * 100), ("zeros.mp4", b"\0" * 4096)],
)
def test_what_is_no_video_fails_with_a_reason(owner: Person, tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    found = owner.processed(owner.upload(file))

    assert found["status"] == "failed"
    assert "video" in found["failureReason"]
    assert "thumbnailUrl" not in found


def test_completing_without_the_file_is_refused_and_can_be_mended(owner: Person, sample: Path) -> None:
    video, url = owner.start_upload(sample)
    early = owner.complete(video)

    httpx.put(url, content=b"short", trust_env=False)
    wrong = owner.complete(video)
    httpx.put(url, content=sample.read_bytes(), trust_env=False)
    right = owner.complete(video)

    assert early.status_code in (400, 409)
    assert wrong.status_code in (400, 409)
    assert right.json() == {"success": True, "data": {"success": True}}
