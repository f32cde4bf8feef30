"""Any one pod may die at any moment: it comes back, the API answers, and nothing that was acknowledged is lost."""

from functools import partial

import httpx
import pytest

from tests.e2e.people import Person
from tests.kubernetes.installation import DEPLOYABLES, PLATFORM, STORES, Installation
from tests.kubernetes.kubectl import Object, eventually, is_ready
from tests.kubernetes.load import FILM


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_a_killed_process_comes_back_and_nothing_is_lost(
    installation: Installation, person: Person, deployable: str
) -> None:
    video = written(person)

    killed = installation.pods(deployable)
    installation.namespace.delete("pods", *names(killed), force=True)

    eventually(partial(another, installation, deployable, killed), f"another {deployable} is ready", 120)
    assert answers(installation, person, video)
    assert audited(person, video)


@pytest.mark.parametrize("store", STORES)
def test_a_killed_store_comes_back_with_all_it_acknowledged(
    installation: Installation, person: Person, store: str
) -> None:
    video = written(person)
    pod = f"{PLATFORM}-{store}-0"
    before = installation.namespace.get("pod", pod)["metadata"]["uid"]

    installation.namespace.delete("pods", pod, force=True)

    eventually(partial(is_another, installation, pod, before), f"{store} is ready again", 120)
    eventually(lambda: answers(installation, person, video), "the API answers", 90)
    assert audited(person, video)
    assert audited(person, written(person))


def written(person: Person) -> int:
    """A video that the API says it has."""
    answer = person.http.post("/api/media/videos/init-upload", json=FILM)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    video: int = answer.json()["data"]["videoId"]
    return video


def answers(installation: Installation, person: Person, video: int) -> bool:
    """Whether the API knows the video and the person; a client tries again while a pod is on its way."""

    def asked() -> bool:
        try:
            paths = (f"/api/media/videos/{video}", "/api/auth/me")
            return all(person.http.get(path).status_code == httpx.codes.OK for path in paths)
        except httpx.TransportError:
            return False

    return eventually(asked, "the API answers", 60)


def audited(person: Person, video: int) -> bool:
    """Whether the event of the video has come through outbox, broker and inbox."""

    def found() -> bool:
        try:
            query = {"filter[targetEntity]": "video", "filter[targetId]": str(video)}
            answer = person.http.get("/api/v1/audit-logs", params=query)
            return answer.is_success and bool(answer.json()["data"])
        except httpx.TransportError:
            return False

    return eventually(found, f"video {video} is in the audit log", 90)


def names(pods: list[Object]) -> list[str]:
    return [pod["metadata"]["name"] for pod in pods]


def another(installation: Installation, deployable: str, killed: list[Object]) -> bool:
    """Whether as many new pods are ready as were killed."""
    new = [pod for pod in installation.pods(deployable) if pod["metadata"]["name"] not in names(killed)]
    return len(new) >= len(killed) and all(is_ready(pod) for pod in new)


def is_another(installation: Installation, pod: str, before: str) -> bool:
    found = {one["metadata"]["name"]: one for one in installation.namespace.all("pods")}.get(pod)
    return found is not None and found["metadata"]["uid"] != before and is_ready(found)
