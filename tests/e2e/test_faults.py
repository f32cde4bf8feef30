"""Faults while somebody works: nothing lost, nothing twice, errors in the family's shape, recovery without a restart.

Each fault is proven to have happened: the process is seen dead, the port closed.
"""

import signal
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.people import Meet, Person, eventually, put
from tools.stack.own_fleet import Fleet

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("whole_again")]


@pytest.fixture
def owner(meet: Meet) -> Person:
    return meet()


def made_once(owner: Person, video: int) -> None:
    """The video's captures and audit rows are there, each once."""
    captures = owner.http.get(f"/api/media/videos/{video}/captures").json()["data"]["captures"]
    times = [one["timestamp"] for one in captures]
    rows = eventually(lambda: ready_rows(owner, video))
    assert times
    assert len(times) == len(set(times))
    assert set(Counter(row["action"] for row in rows).values()) == {1}


def ready_rows(owner: Person, video: int) -> list[dict[str, object]] | None:
    rows = rows_of(owner, video)
    return rows if any(row["action"] == "video.ready" for row in rows) else None


def rows_of(owner: Person, video: int) -> list[dict[str, object]]:
    return [row for row in owner.audit(targetEntity="video") if row["targetId"] == video]


def test_a_killed_worker_loses_nothing(fleet: Fleet, owner: Person, long_sample: Path) -> None:
    video = owner.upload(long_sample)
    eventually(lambda: fleet.children("media-worker"))  # ffmpeg runs: the job is in the middle

    fleet.kill("media-worker", signal.SIGKILL)
    fleet.start("media-worker")

    assert owner.processed(video)["status"] == "ready"
    made_once(owner, video)


def test_a_killed_relay_sends_again_and_nothing_counts_twice(fleet: Fleet, owner: Person, sample: Path) -> None:
    videos = [owner.upload(sample) for _ in range(2)]

    for _ in range(3):
        fleet.kill("media", signal.SIGKILL)
        fleet.start("media")

    for video in videos:
        assert eventually(partial(tolerant, owner, video))["status"] == "ready"
        made_once(owner, video)


def tolerant(owner: Person, video: int) -> dict[str, object] | None:
    answer = owner.http.get(f"/api/media/videos/{video}")
    found: dict[str, object] = answer.json()["data"]["video"] if answer.status_code == 200 else {}
    return found if found.get("status") in ("ready", "failed") else None


def test_a_killed_gateway_comes_back_and_its_access_log_is_whole(fleet: Fleet, owner: Person) -> None:
    before = "e2e-before-the-kill"
    assert owner.http.get("/api/auth/me", headers={"x-request-id": before}).status_code == 200
    eventually(lambda: owner.requests(requestId=before))

    fleet.kill("gateway", signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        owner.http.get("/api/auth/me")
    fleet.start("gateway")

    assert owner.http.get("/api/auth/me").status_code == 200
    assert len(owner.requests(requestId=before)) == 1


def test_kafka_away_for_a_minute_delays_and_loses_nothing(fleet: Fleet, owner: Person, sample: Path) -> None:
    fleet.parts["kafka"].stop()
    assert not fleet.parts["kafka"].is_healthy()

    video = owner.upload(sample)
    while_away = "e2e-while-kafka-was-away"
    assert owner.http.get(f"/api/media/videos/{video}", headers={"x-request-id": while_away}).status_code == 200
    assert owner.video(video)["status"] == "processing"
    for _ in range(60):
        assert owner.http.get("/api/auth/me").status_code == 200
        time.sleep(1)
    fleet.parts["kafka"].start()

    assert owner.processed(video)["status"] == "ready"
    made_once(owner, video)
    assert len(eventually(lambda: owner.requests(requestId=while_away))) == 1


def test_redis_away_changes_nothing_for_callers(fleet: Fleet, owner: Person) -> None:
    fleet.parts["redis"].stop()
    assert not fleet.parts["redis"].is_healthy()

    answers = [owner.http.get("/api/auth/me") for _ in range(10)]

    assert [answer.status_code for answer in answers] == [200] * 10
    assert all("ratelimit-limit" in answer.headers for answer in answers)


def storage(owner: Person) -> str:
    """How the health report says that the object store is."""
    status: str = owner.http.get("/api/v1/health").json()["data"]["details"]["storage"]["status"]
    return status


def test_s3_away_is_a_clear_refusal_and_the_upload_goes_on_later(fleet: Fleet, owner: Person, sample: Path) -> None:
    video, url = owner.start_upload(sample)
    put(url, sample)
    fleet.parts["s3"].stop()
    assert not fleet.parts["s3"].is_healthy()

    refused = owner.complete(video)
    state = owner.video(video)["status"]
    eventually(lambda: storage(owner) == "unhealthy")
    fleet.parts["s3"].start()
    eventually(lambda: storage(owner) == "healthy")

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "API_UNAVAILABLE"
    assert state == "uploading"
    assert owner.complete(video).status_code == 200
    assert owner.processed(video)["status"] == "ready"


def test_a_restart_of_postgresql_is_survived_by_every_process(fleet: Fleet, owner: Person, sample: Path) -> None:
    pids = {name: fleet.pid(name) for name in fleet.names}

    fleet.parts["postgres"].stop()
    refused = owner.http.get("/api/auth/me")
    fleet.parts["postgres"].start()

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "API_UNAVAILABLE"
    eventually(lambda: owner.http.get("/api/auth/me").status_code == 200, seconds=30)
    video = eventually(lambda: owner.upload(sample), seconds=30)
    assert owner.processed(video)["status"] == "ready"
    assert {name: fleet.pid(name) for name in fleet.names} == pids


def test_a_burst_while_a_service_restarts_answers_in_shape(fleet: Fleet, owner: Person) -> None:
    answers: list[httpx.Response] = []
    caller = threading.Thread(target=lambda: answers.extend(owner.http.get("/api/auth/me") for _ in range(200)))

    caller.start()
    fleet.kill("auth", signal.SIGTERM)
    fleet.start("auth")
    caller.join()

    assert len(answers) == 200
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all(answer.json()["success"] is (answer.status_code == 200) for answer in answers)
