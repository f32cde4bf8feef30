"""Backups in the cluster as an operator takes and restores them, and everything lost in between."""

import io
import time
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from minio import Minio

from tests.e2e.people import Person
from tests.kubernetes.installation import PLATFORM, RELEASE, Installation
from tests.kubernetes.kubectl import Object, eventually

MEDIA, AUTH, BACKUPS = "orrery-media", "orrery-auth", "orrery-backups"
S3 = f"{PLATFORM}-s3"
PSQL = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d postgres -v ON_ERROR_STOP=1 "$@"'


@dataclass(frozen=True)
class Ended:
    """A Job that has ended, and what its pods have said."""

    is_complete: bool
    said: list[str]


class Site:
    """Where the fleet runs, as its operators see it."""

    def __init__(self, installation: Installation) -> None:
        self.installation, self.namespace = installation, installation.namespace
        key = {name: b64decode(text).decode() for name, text in self.namespace.get("secret", S3)["data"].items()}
        self._host = f"{self.namespace.get('service', S3)['spec']['clusterIP']}:7070"
        self.objects = Minio(self._host, key["access-key"], key["secret-key"], secure=False)

    def run(self, cronjob: str, *more: str) -> Ended:
        """`kubectl create job --from=cronjob/…`, until it has ended; with more arguments for what restores."""
        name = f"{cronjob}-{time.time_ns() // 1_000_000}"
        source = ("create", "job", name, f"--from=cronjob/{RELEASE}-{cronjob}", "--dry-run=client", "-o", "json")
        job = self.namespace.parsed(*source)
        for container in job["spec"]["template"]["spec"].get("initContainers", ()):
            container["args"] += more if "restore" in container["args"] else ()
        self.namespace.apply(job)
        ended = eventually(lambda: self._ended(name), f"job {name} ends", 240)
        pods = self.namespace.all("pods", f"job-name={name}")
        return Ended(
            ended == "Complete", [line for pod in pods for line in self.namespace.log(pod["metadata"]["name"])]
        )

    def _ended(self, job: str) -> str | None:
        conditions = self.namespace.get("job", job)["status"].get("conditions", ())
        held = [one["type"] for one in conditions if one["status"] == "True"]
        return next((one for one in held if one in ("Complete", "Failed")), None)

    def lose_everything(self) -> None:
        """As if PostgreSQL and the buckets were new: no rows, no schemas, no logins, no objects."""
        self._administer("DROP DATABASE orrery WITH (FORCE)", "CREATE DATABASE orrery")
        logins = self.installation.query(
            "SELECT rolname FROM pg_roles WHERE rolname ~ '_(owner|app|keeper)$' AND rolname !~ '^pg_'"
        )
        self._administer(*(f"DROP ROLE {login}" for login in logins.split()))
        for bucket in (MEDIA, AUTH):
            for key in self.keys(bucket):
                self.objects.remove_object(bucket, key)

    def _administer(self, *statements: str) -> None:
        told = [part for one in statements for part in ("-c", one)]
        self.namespace.execute(f"{PLATFORM}-postgres-0", "sh", "-c", PSQL, "psql", *told)

    def keys(self, bucket: str) -> list[str]:
        return [one.object_name or "" for one in self.objects.list_objects(bucket, recursive=True)]

    def held(self) -> tuple[str, list[str]]:
        """What is there, told by what changes with each video and each person."""
        counts = "(SELECT count(*) FROM media.video_metadata), (SELECT count(*) FROM history.audit_log)"
        return self.installation.query(f"SELECT {counts}"), self.keys(MEDIA)

    def flip(self, ending: str) -> None:
        """Turn one bit of the newest backup's file; a second time turns it back."""
        name = max(key for key in self.keys(BACKUPS) if key.endswith(ending))
        content = bytearray(self.objects.get_object(BACKUPS, name).read())
        content[len(content) // 2] ^= 1
        self.objects.put_object(BACKUPS, name, io.BytesIO(bytes(content)), len(content))

    def put(self, url: str, content: bytes) -> None:
        """To a signed URL, whose host has a name in the cluster alone."""
        headers = {"content-type": "video/mp4", "host": urlsplit(url).netloc}
        assert httpx.put(self._here(url), content=content, headers=headers, trust_env=False).is_success

    def segments(self, owner: Person, video: int) -> list[bytes]:
        """What a player loads of a video."""
        playlist = owner.http.get(f"/api/media/videos/{video}/stream.m3u8").text
        return [self._get(line) for line in playlist.splitlines() if line.startswith("http")]

    def _get(self, url: str) -> bytes:
        answer = httpx.get(self._here(url), headers={"host": urlsplit(url).netloc}, trust_env=False)
        assert answer.is_success, answer.text
        return answer.content

    def _here(self, url: str) -> str:
        return urlsplit(url)._replace(netloc=self._host).geturl()


def template(site: Site, cronjob: str) -> Object:
    """The pod that a CronJob starts."""
    found: Object = site.namespace.get("cronjob", f"{RELEASE}-{cronjob}")["spec"]["jobTemplate"]["spec"]["template"]
    return found
