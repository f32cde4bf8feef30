"""The restore drill in the cluster, as docs/guides/backup.md tells it: the stores are lost, and come back."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.e2e.people import PASSWORD, Person
from tests.kubernetes.backups import MEDIA, Site
from tests.kubernetes.installation import Installation
from tests.kubernetes.kubectl import eventually
from tools.sample_video import make_sample

PAUSED, RUNNING = {"global.paused": "true"}, {"global.paused": "false"}


@dataclass
class Story:
    """What was before the backup, and who came after it."""

    site: Site
    owner: Person
    film: bytes
    video: int
    watched: list[bytes]
    audited: list[tuple[int, str]]
    stranger: Person
    later: int


@pytest.fixture(scope="module")
def story(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A film, a backup, more of both, and the fleet at rest; it runs again afterwards, whatever happened."""
    site = Site(installation)
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    make_sample(path, seconds=3, scenes=2)
    owner, film = installation.person(), path.read_bytes()
    video = uploaded(site, owner, film)
    watched, audited = site.segments(owner, video), eventually(lambda: actions(owner, video), "it is audited")
    backup = site.run("backup")
    assert backup.is_complete, backup.said
    stranger = installation.person()
    later = uploaded(site, owner, film)
    installation.upgrade(PAUSED)
    yield Story(site, owner, film, video, watched, audited, stranger, later)
    if installation.values["global.paused"] == "true":
        installation.upgrade(RUNNING)
    owner.http.close()
    stranger.http.close()


def test_a_damaged_backup_is_refused_in_one_line_and_changes_nothing(story: Story) -> None:
    before = story.site.held()
    story.site.flip("media.dump")

    refused = story.site.run("restore", "--force-overwrite")
    story.site.flip("media.dump")

    assert not refused.is_complete
    assert "is not good, and nothing was touched: backups/" in refused.said[-1]
    assert [line for line in refused.said if "is at" not in line and "can read" not in line] == refused.said[-1:]
    assert story.site.held() == before


def test_what_was_backed_up_is_used_on_after_everything_was_lost(story: Story) -> None:
    site, owner = story.site, story.owner
    site.lose_everything()
    restored = site.run("restore")
    assert restored.is_complete, restored.said
    site.installation.upgrade(RUNNING)

    owner.login()  # by the old password
    assert site.segments(owner, story.video) == story.watched
    assert story.watched
    assert actions(owner, story.video) == story.audited
    assert owner.http.get(f"/api/media/videos/{story.later}").status_code == httpx.codes.NOT_FOUND
    assert not [key for key in site.keys(MEDIA) if f"/{story.later}/" in key]
    signed_in = story.stranger.http.post(
        "/api/auth/login", json={"username": story.stranger.name, "password": PASSWORD}
    )
    assert signed_in.status_code == httpx.codes.UNAUTHORIZED
    assert uploaded(site, owner, story.film) > story.later


def uploaded(site: Site, owner: Person, film: bytes) -> int:
    """A video once it is ready."""
    body = {"filename": "film.mp4", "contentType": "video/mp4", "size": len(film)}
    place = owner.http.post("/api/media/videos/init-upload", json=body).json()["data"]
    video: int = place["videoId"]
    site.put(place["uploadUrl"], film)
    assert owner.complete(video).is_success
    assert owner.processed(video)["status"] == "ready"
    return video


def actions(owner: Person, video: int) -> list[tuple[int, str]] | None:
    """The audit rows of a video that is ready."""
    rows = [(row["logId"], row["action"]) for row in owner.audit(targetEntity="video", targetId=str(video))]
    return rows if any(action == "video.ready" for _, action in rows) else None
