"""The restore drill: everything is lost, a backup brings it back, and people go on as if it had not happened."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from minio import Minio

from tests.admin.cli import orrery
from tests.e2e.people import PASSWORD, Meet, Person, eventually
from tools.stack.operators import environment
from tools.stack.own_fleet import Fleet

pytestmark = [pytest.mark.timeout(240, func_only=True), pytest.mark.usefixtures("whole_again")]


class Site:
    """Where the fleet runs, as its operators see it."""

    def __init__(self, fleet: Fleet, backups: Path) -> None:
        self._fleet, self._stores = fleet, fleet.told.stores
        self._told = {**environment(fleet.told), "ORRERY_BACKUP__FOLDER": str(backups)}

    def backup(self, *arguments: str) -> str:
        said = orrery("backup", *arguments, told=self._told)
        assert said.status == 0, said.err
        return said.out

    def stop(self) -> None:
        for service in self._fleet.services.values():
            service.stop()

    def lose_everything(self) -> None:
        """The database's schemas and all objects."""
        with psycopg.connect(self._stores.admin_dsn, autocommit=True) as server:
            for schema in self._fleet.told.layout.schemas:
                server.execute(f"DROP SCHEMA {schema} CASCADE")
        for bucket in self._told["ORRERY_BUCKETS"].split(","):
            for found in self._objects().list_objects(bucket, recursive=True):
                self._objects().remove_object(bucket, found.object_name or "")

    def _objects(self) -> Minio:
        key = self._stores.s3_key
        return Minio(urlsplit(self._stores.s3_url).netloc, key.access_key, key.secret_key, secure=False)


@pytest.fixture
def site(fleet: Fleet, tmp_path: Path) -> Site:
    return Site(fleet, tmp_path / "backups")


@pytest.fixture
def stranger(fleet_url: str) -> Iterator[Person]:
    """Somebody without an account yet."""
    person = Person(fleet_url)
    yield person
    person.http.close()


def segments(owner: Person, video: int) -> list[bytes]:
    """What a player loads of it."""
    playlist = owner.http.get(f"/api/media/videos/{video}/stream.m3u8").text
    return [httpx.get(line, trust_env=False).content for line in playlist.splitlines() if line.startswith("http")]


def actions(owner: Person, video: int) -> list[tuple[int, str]] | None:
    """The audit rows of a video that is ready."""
    rows = [(row["logId"], row["action"]) for row in owner.audit(targetEntity="video", targetId=str(video))]
    return rows if any(action == "video.ready" for _, action in rows) else None


def test_what_was_backed_up_is_used_on_after_everything_was_lost(
    fleet: Fleet, site: Site, meet: Meet, stranger: Person, sample: Path
) -> None:
    owner = meet()
    video = owner.upload(sample)
    assert owner.processed(video)["status"] == "ready"
    watched, audited = segments(owner, video), eventually(lambda: actions(owner, video))

    site.backup("create")
    stranger.register()
    owner.upload(sample)
    site.stop()
    site.lose_everything()
    site.backup("restore", "latest")
    fleet.up()

    owner.login()  # by the old password
    assert segments(owner, video) == watched
    assert watched
    assert actions(owner, video) == audited
    signed_in = stranger.http.post("/api/auth/login", json={"username": stranger.name, "password": PASSWORD})
    assert signed_in.status_code == httpx.codes.UNAUTHORIZED
    again = owner.upload(sample)
    assert again > video + 1
    assert owner.processed(again)["status"] == "ready"
    assert eventually(lambda: actions(owner, again))
