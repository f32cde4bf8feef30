"""The worker's side: what the broker would deliver, and workers in this process or to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass
from orrery.identity.v1.identity_pb2 import Identity
from orrery.media.v1 import videos_pb2 as pb
from sqlalchemy import delete, select, text

from libs.blobs import Blobs
from libs.database import SYSTEM, Database, Tenant
from libs.jobs import Worker
from libs.outbox import OutboxRow
from libs.rpc import context
from libs.settings import BlobSettings, DatabaseSettings
from services.media.processing import Limits
from services.media.scratch import Scratch
from services.media.videos.cleaning import CLEANING, cleaning_tasks
from services.media.videos.consumers import HANDLERS
from services.media.videos.tasks import PROCESSING, processing_tasks
from tests.services.media.builders import Api
from tests.services.media.conftest import eventually, running

Employ = Callable[[], subprocess.Popen[bytes]]
ENDED = ("ready", "failed")


async def deliver(database: Database) -> int:
    """Hand every staged event to the service's own consumer, as relay and broker would; answers how many there were."""
    async with database.transaction(SYSTEM) as session:
        rows = (await session.scalars(select(OutboxRow).order_by(OutboxRow.position))).all()
        await session.execute(delete(OutboxRow).where(OutboxRow.position.in_([row.position for row in rows])))
    for row in rows:
        kind = GetMessageClass(Default().FindMessageTypeByName(row.type))
        context.enter(Identity(user_id=row.user_id, organization_id=row.organization_id), row.request_id)
        async with database.transaction(Tenant(row.user_id, row.organization_id, is_system=True)) as session:
            if handler := HANDLERS.get(kind):
                await handler(session, kind.FromString(row.payload))
    return len(rows)


@dataclass(frozen=True)
class Works:
    """The service with its workers."""

    api: Api
    database: Database
    blobs: Blobs
    scratch: Path
    limits: Limits

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Both workers run beside the block."""
        processing = processing_tasks(self.database, self.blobs, Scratch(self.scratch), self.limits)
        async with running(
            Worker(self.database, processing, queues=[PROCESSING], drain_seconds=0.1),
            Worker(self.database, cleaning_tasks(self.database, self.blobs), queues=[CLEANING], drain_seconds=0.1),
        ):
            yield

    async def processed(self, file: Path, who: Identity, *, size: int | None = None) -> Any:
        """Upload a file and answer the video as it is when the workers are through with it."""
        return await self.finished(await self.api.upload(file, who, size=size), who)

    async def finished(self, video_id: int, who: Identity) -> Any:
        """The video as it is when the workers are through with it."""
        await deliver(self.database)
        async with self.open():
            return await eventually(lambda: self.ended(video_id, who))

    async def ended(self, video_id: int, who: Identity) -> Any:
        """The video once it is ready or failed."""
        video = (await self.api(pb.GetVideoRequest(video_id=video_id), who)).video
        return video if video.status in ENDED else None


@pytest.fixture
async def works(api: Api, database: Database, blobs: Blobs, tmp_path: Path) -> Works:
    """Begins with an empty queue, whatever other tests of the file have left there."""
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM procrastinate_jobs"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    limits = Limits(cpu_seconds=20, wall_seconds=60, audio_segment_seconds=2.0)
    return Works(api, database, blobs, scratch, limits)


@pytest.fixture
def employ(settings: DatabaseSettings, blob_settings: BlobSettings, tmp_path: Path) -> Iterator[Employ]:
    """Starts media-worker processes; whatever of them is left is killed in the end."""
    hired: list[subprocess.Popen[bytes]] = []
    scratch = tmp_path / "workers"
    scratch.mkdir()

    def start() -> subprocess.Popen[bytes]:
        told = environment(settings, blob_settings) | {"ORRERY_SCRATCH": str(scratch)}
        command = [sys.executable, "-m", "services.media.worker"]
        hired.append(subprocess.Popen(command, env={**os.environ, "PYTHONPATH": ".:gen", **told}))
        return hired[-1]

    yield start
    for one in hired:
        if one.poll() is None:
            one.send_signal(signal.SIGCONT)
            one.kill()
        one.wait(timeout=30)


def environment(database: DatabaseSettings, blobs: BlobSettings) -> dict[str, str]:
    return {
        "ORRERY_DATABASE__DSN": database.dsn.get_secret_value(),
        "ORRERY_BLOBS__ENDPOINT": blobs.endpoint,
        "ORRERY_BLOBS__PUBLIC_ENDPOINT": blobs.public_endpoint,
        "ORRERY_BLOBS__ACCESS_KEY": blobs.access_key,
        "ORRERY_BLOBS__SECRET_KEY": blobs.secret_key.get_secret_value(),
        "ORRERY_BLOBS__BUCKET": blobs.bucket,
    }
