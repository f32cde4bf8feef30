"""Whoever keeps backups: the command line, what it is told, and a look at the stores."""

import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from minio import Minio
from psycopg.conninfo import conninfo_to_dict

from admin import failures
from admin.backup.commands import app
from admin.schemas import SCHEMAS
from libs.database.migrate import upgrade
from libs.settings import BlobSettings
from tests.conftest import PASSWORD
from tools.stack import parts

MEDIA, AUTH = "orrery-media", "orrery-auth"


@contextmanager
def told(names: dict[str, str]) -> Iterator[None]:
    """The environment with these ORRERY_ names and no others."""
    before = dict(os.environ)
    for name in [one for one in os.environ if one.startswith("ORRERY_")]:
        del os.environ[name]
    os.environ.update({name: value for name, value in names.items() if value})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass(frozen=True)
class Answer:
    status: int
    said: str


@dataclass
class Keeper:
    postgres: parts.Postgres
    database: str
    passwords: Path
    blobs: BlobSettings
    buckets: Minio
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, str]:
        admin = conninfo_to_dict(self.postgres.dsn())
        return {
            "ORRERY_POSTGRES__URL": f"postgresql://{admin['host']}:{admin['port']}/{self.database}",
            "ORRERY_POSTGRES__ADMIN_USER": str(admin["user"]),
            "ORRERY_POSTGRES__PASSWORDS": str(self.passwords),
            "ORRERY_BLOBS__ENDPOINT": self.blobs.endpoint,
            "ORRERY_BLOBS__ACCESS_KEY": self.blobs.access_key,
            "ORRERY_BLOBS__SECRET_KEY": self.blobs.secret_key.get_secret_value(),
            "ORRERY_BUCKETS": f"{MEDIA},{AUTH}",
            "ORRERY_BACKUP__FOLDER": str(self.folder),
            **self.environment,
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`orrery backup …` as a process."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORRERY_")}
        path = {"PYTHONPATH": os.pathsep.join((".", "gen"))}
        return subprocess.Popen(
            [sys.executable, "-m", "admin", "backup", *arguments],
            env={**inherited, **path, **{name: value for name, value in self.told().items() if value}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def say(self, *arguments: str) -> Answer:
        """The same in this process, which starts at once."""
        with told(self.told()), io.StringIO() as said, redirect_stdout(said), redirect_stderr(said):
            try:
                status = app(list(arguments), standalone_mode=False) or 0
            except (Exception, SystemExit) as failure:  # noqa: BLE001  # as the command line's own main
                status = failures.tell(failure)
            return Answer(status, said.getvalue())

    def do(self, *arguments: str) -> str:
        """The command must succeed."""
        answer = self.say(*arguments)
        assert answer.status == 0, answer.said
        return answer.said

    def refused(self, *arguments: str) -> str:
        """The command must fail, without a traceback."""
        answer = self.say(*arguments)
        assert answer.status == 1, answer.said
        assert "Traceback" not in answer.said
        return answer.said

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.do("list", "--json"))
        return found

    def connect(self, user: str = "postgres", **options: Any) -> "psycopg.Connection[Any]":
        dsn = self.postgres.dsn(user=user, database=self.database)
        return psycopg.connect(dsn, autocommit=True, **options)

    def ask(self, query: str, *values: object) -> list[Any]:
        with self.connect() as server:
            return server.execute(query, values or None).fetchall()

    def migrate(self) -> None:
        """What `orrery migrate` does after a restore."""
        for schema, folder in SCHEMAS.items():
            upgrade(folder, self.postgres.dsn(user=f"{schema}_owner", password=PASSWORD, database=self.database))

    def put(self, bucket: str, key: str, content: bytes, media_type: str = "video/mp4") -> None:
        self.buckets.put_object(bucket, key, io.BytesIO(content), len(content), media_type)

    def objects(self) -> dict[str, bytes]:
        return {
            f"{bucket}/{one.object_name}": self.buckets.get_object(bucket, one.object_name or "").read()
            for bucket in (MEDIA, AUTH)
            for one in self.buckets.list_objects(bucket, recursive=True)
        }

    def wipe_objects(self) -> None:
        for bucket in (MEDIA, AUTH):
            for one in self.buckets.list_objects(bucket, recursive=True):
                self.buckets.remove_object(bucket, one.object_name or "")


def add_video(keeper: Keeper, title: str, organization: uuid.UUID | None = None, content: bytes = b"a film") -> int:
    """A video row of some tenant, and its object; its id."""
    tenant = organization or uuid.uuid4()
    with keeper.connect() as server:
        video: int = server.execute(
            "INSERT INTO media.video_metadata (user_id, title, upload_path, organization_id, size_bytes, content_type)"
            " VALUES (7, %s, '', %s, %s, 'video/mp4') RETURNING video_id",
            [title, tenant, len(content)],
        ).fetchall()[0][0]
        key = f"{tenant}/7/{video}/source"
        server.execute("UPDATE media.video_metadata SET upload_path = %s WHERE video_id = %s", [key, video])
    keeper.put(MEDIA, key, content)
    return video
