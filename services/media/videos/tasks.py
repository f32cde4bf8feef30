"""The job that turns an uploaded file into a video that can be watched.

Files are made and uploaded outside of any transaction, under a prefix of this try alone. One transaction under the
lease then shows all of it, or says why there is nothing; whoever comes too late is refused there.
"""

import asyncio
from pathlib import Path

from libs.blobs import BlobMissing, Blobs
from libs.database import Database, Session
from libs.errors import Refusal
from libs.jobs import Lease, LeaseLost, Task, defer
from services.media import processing
from services.media.processing import Artifact, Limits, Result
from services.media.scratch import Scratch
from services.media.videos import operations
from services.media.videos.cleaning import defer_removal
from services.media.videos.errors import SourceGone, SourceReplaced
from services.media.videos.keys import artifact_key, derived_prefix
from services.media.videos.models import Status, Video
from services.media.videos.operations import Findings
from services.media.videos.repository import Videos

PROCESSING = "processing"
PROCESS = "process_video"
ATTEMPTS = 12  # the last one some twenty minutes after the first
UPLOADS_AT_ONCE = 4
LATE_SECONDS = 60.0
"""An upload that cannot be called back has ended by then."""
OUR_FAULT = "Processing failed on our side. The file is kept; nothing is wrong with it as far as we know."


async def defer_processing(session: Session, video_id: int) -> None:
    """Have an uploaded video processed."""
    lock = operations.processing_lock(video_id)
    await defer(session, PROCESS, {"video_id": video_id}, queue=PROCESSING, lock=lock)


def processing_tasks(database: Database, blobs: Blobs, scratch: Scratch, limits: Limits) -> dict[str, Task]:
    """The kinds of jobs of the queue PROCESSING."""
    work = Processing(database, blobs, scratch, limits)
    return {PROCESS: Task(work.run, work.give_up, attempts=ATTEMPTS)}


class Processing:
    """The task, bound to what it works on."""

    def __init__(self, database: Database, blobs: Blobs, scratch: Scratch, limits: Limits) -> None:
        self._database, self._blobs, self._scratch, self._limits = database, blobs, scratch, limits

    async def run(self, lease: Lease) -> None:
        """Process the payload's video; one that was deleted or is done ends the job quietly."""
        async with self._database.transaction(lease) as session:
            video = await Videos(session).find(lease.payload["video_id"])
        if video is None or video.status != Status.PROCESSING:
            return
        prefix = derived_prefix(video.upload_path, lease.job_id, lease.number)
        try:
            found = await self._make(video, prefix)
            await self._show(lease, video, found)
        except (LeaseLost, asyncio.CancelledError):
            await self._disown(lease, prefix)
            raise

    async def _make(self, video: Video, prefix: str) -> Findings:
        """Everything made of the video's file and uploaded; the database knows nothing of it yet."""
        async with self._scratch.folder(video.size_bytes) as folder:
            source, work = folder / "source", folder / "work"
            work.mkdir()
            await self._download(video, source)
            result = await processing.process(source, work, self._limits)
            await self._upload(work, result.artifacts, prefix)
        return findings(result, prefix)

    async def _download(self, video: Video, target: Path) -> None:
        """The very file whose upload was completed; raises SourceGone, SourceReplaced."""
        try:
            found = await self._blobs.stat(video.upload_path)
            if (found.etag, found.size) != (video.etag, video.size_bytes):
                raise SourceReplaced
            await self._blobs.download(video.upload_path, target)
        except BlobMissing:
            raise SourceGone from None
        if (await asyncio.to_thread(target.stat)).st_size != video.size_bytes:
            raise SourceReplaced

    async def _upload(self, work: Path, artifacts: tuple[Artifact, ...], prefix: str) -> None:
        places = asyncio.Semaphore(UPLOADS_AT_ONCE)

        async def upload(artifact: Artifact) -> None:
            async with places:
                key = artifact_key(prefix, artifact.path)
                await self._blobs.upload(key, work / artifact.path, artifact.content_type)

        async with asyncio.TaskGroup() as group:
            for artifact in artifacts:
                group.create_task(upload(artifact))

    async def _show(self, lease: Lease, video: Video, found: Findings) -> None:
        """The one moment at which a video becomes ready; what earlier tries left is removed later."""
        async with self._database.transaction(lease) as session:
            await lease.complete(session)
            shown = await operations.make_ready(session, video.video_id, found)
            await remove_tries(session, lease, video.upload_path, lease.number + (0 if shown else 1))

    async def _disown(self, lease: Lease, prefix: str) -> None:
        """Have removed what this try uploaded, now that another one counts."""
        async with self._database.transaction(lease) as session:
            await defer_removal(session, prefix, after_seconds=LATE_SECONDS)

    async def give_up(self, lease: Lease, refusal: Refusal | None) -> None:
        """Tell the owner why there is no video: the file's own fault in its words, or ours."""
        video_id: int = lease.payload["video_id"]
        async with self._database.transaction(lease) as session:
            await lease.complete(session)
            video = await Videos(session).find(video_id)
            if video and await operations.fail(session, video_id, refusal.message if refusal else OUR_FAULT):
                await remove_tries(session, lease, video.upload_path, lease.number + 1)


async def remove_tries(session: Session, lease: Lease, source: str, before: int) -> None:
    """Have removed what the tries with lower lease numbers uploaded."""
    for number in range(before):
        prefix = derived_prefix(source, lease.job_id, number)
        await defer_removal(session, prefix, after_seconds=LATE_SECONDS)


def findings(result: Result, prefix: str) -> Findings:
    return Findings(
        duration_ms=round(result.probe.duration_seconds * 1000),
        width=result.probe.width,
        height=result.probe.height,
        thumbnail=artifact_key(prefix, result.thumbnail),
        playlist=artifact_key(prefix, result.media_playlists[0]),
        captures=tuple((round(one.seconds * 1000), artifact_key(prefix, one.path)) for one in result.captures),
        analyses=tuple(dict(features) for features in result.analyses),
    )
