"""What can be done with videos."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orrery.media.videos.v1 import events_pb2 as events
from sqlalchemy import delete

from libs import outbox
from libs.database import Session, Tenant
from libs.database.tenant import Caller
from libs.jobs.deferring import cancel
from services.media.audio.models import AudioAnalysis
from services.media.audio.repository import AudioAnalyses
from services.media.captures.models import Capture
from services.media.captures.repository import Captures
from services.media.subtitles.models import Subtitle, Translation
from services.media.videos.errors import NotTheOwner, OrganizationMissing, TextRefused, VideoNotFound, VisibilityUnknown
from services.media.videos.keys import source_key, video_prefix
from services.media.videos.models import Status, Video
from services.media.videos.repository import Videos
from services.media.videos.titles import cleaned, title_of

ABANDONED_HOURS = 24
SWEPT_AT_ONCE = 500
VISIBILITIES = ("private", "organization", "public")


@dataclass(frozen=True, slots=True)
class Findings:
    """What processing found and made; times in milliseconds, pictures and playlist by their keys."""

    duration_ms: int
    width: int
    height: int
    thumbnail: str
    playlist: str
    captures: tuple[tuple[int, str], ...]
    analyses: tuple[dict[str, Any], ...]


async def reserve(session: Session, caller: Caller, *, filename: str, content_type: str, size: int) -> Video:
    """Make a video whose file is yet to come."""
    if not caller.organization_id:
        raise OrganizationMissing
    organization_id, video_id = UUID(caller.organization_id), await Videos(session).next_id()
    video = Video(
        video_id=video_id,
        user_id=caller.user_id,
        organization_id=organization_id,
        title=title_of(filename),
        upload_path=source_key(organization_id, caller.user_id, video_id),
        content_type=content_type,
        size_bytes=size,
    )
    session.add(video)
    started = events.VideoUploadStarted(video_id=video_id, user_id=video.user_id, title=video.title, size=size)
    outbox.publish(session, started, key=str(video_id))
    return video


async def own(session: Session, caller: Caller, video_id: int, *, lock: bool = False) -> Video:
    """A video that the caller may change; raises VideoNotFound for those that they cannot see, else NotTheOwner."""
    video = await Videos(session).get(video_id, lock=lock)
    if str(video.organization_id) != caller.organization_id:
        raise VideoNotFound(video_id)
    if video.user_id != caller.user_id:
        raise NotTheOwner
    return video


async def begin_processing(session: Session, caller: Caller, video_id: int, etag: str) -> None:
    """End the upload and let processing begin, once; raises VideoNotFound where it was deleted meanwhile."""
    if await Videos(session).begin_processing(video_id, etag):
        uploaded = events.VideoUploaded(video_id=video_id, user_id=caller.user_id)
        outbox.publish(session, uploaded, key=str(video_id))
    else:
        await own(session, caller, video_id)


async def reprocess(session: Session, caller: Caller, video_id: int) -> Video:
    """Process a failed video from its uploaded file again, once for each time it failed; others stay as they are."""
    video = await own(session, caller, video_id, lock=True)
    if video.status == Status.FAILED:
        video.status, video.failure_reason = Status.PROCESSING, None
        uploaded = events.VideoUploaded(video_id=video_id, user_id=video.user_id)
        outbox.publish(session, uploaded, key=str(video_id))
        await session.flush()
        await session.refresh(video)
    return video


async def change(session: Session, caller: Caller, video_id: int, changes: dict[str, str]) -> Video:
    """Set title, description or visibility; silent where they are so already."""
    video = await own(session, caller, video_id, lock=True)
    wanted = readable(changes)
    changed = sorted(name for name, value in wanted.items() if (getattr(video, name) or "") != value)
    for name in changed:
        setattr(video, name, wanted[name])
    if changed:
        updated = events.VideoUpdated(video_id=video_id, user_id=video.user_id, changed=changed)
        outbox.publish(session, updated, key=str(video_id))
        await session.flush()
        await session.refresh(video)
    return video


def readable(changes: dict[str, str]) -> dict[str, str]:
    """The changes as they are stored; raises TextRefused for a title of nothing and for NUL, VisibilityUnknown."""
    wanted = dict(changes)
    if "title" in wanted:
        wanted["title"] = cleaned(wanted["title"])
    for name, value in wanted.items():
        if "\0" in value or (name == "title" and not value):
            raise TextRefused(name)
    if wanted.get("visibility", "private") not in VISIBILITIES:
        raise VisibilityUnknown
    return wanted


async def remove(session: Session, caller: Caller, video_id: int) -> None:
    """Delete a video and what belongs to it, and stop working on it; its objects follow by the event."""
    await discard(session, await own(session, caller, video_id, lock=True), by=caller)


async def forget(session: Session, video_id: int) -> None:
    """Delete a video whose owner is no more, as its owner would; one that is gone already is no matter."""
    video = await Videos(session).find(video_id, lock=True)
    if video:
        await discard(session, video, by=Tenant(video.user_id, str(video.organization_id)))


async def discard(session: Session, video: Video, by: Caller) -> None:
    video_id = video.video_id
    await cancel(session, processing_lock(video_id))
    await Captures(session).remove(video_id)
    await AudioAnalyses(session).remove(video_id)
    for table in (Subtitle, Translation):
        await session.execute(delete(table).where(table.video_id == video_id))
    await session.delete(video)
    publish_deleted(session, video_id, video.user_id, video.organization_id, by=by)


def processing_lock(video_id: int) -> str:
    """What the processing of one video is known by in the queue."""
    return f"process-video-{video_id}"


async def make_ready(session: Session, video_id: int, found: Findings) -> bool:
    """Show what processing made, all at once; False where there is nothing to show it of."""
    video = await Videos(session).find(video_id, lock=True)
    if video is None or video.status != Status.PROCESSING:
        return False
    video.status, video.thumbnail_path, video.playlist_path = Status.READY, found.thumbnail, found.playlist
    video.duration_ms, video.width, video.height = found.duration_ms, found.width, found.height
    video.duration_seconds = round(found.duration_ms / 1000)
    await Captures(session).replace(video_id, pictures(video, found))
    await AudioAnalyses(session).replace(video_id, sounds(video, found))
    ready = events.VideoReady(
        video_id=video_id,
        user_id=video.user_id,
        duration=found.duration_ms / 1000,
        captures=len(found.captures),
        audio_segments=len(found.analyses),
    )
    outbox.publish(session, ready, key=str(video_id))
    return True


def pictures(video: Video, found: Findings) -> list[Capture]:
    return [
        Capture(
            video_id=video.video_id,
            organization_id=video.organization_id,
            timestamp_ms=at,
            timestamp_seconds=at // 1000,
            capture_image_path=key,
        )
        for at, key in found.captures
    ]


def sounds(video: Video, found: Findings) -> list[AudioAnalysis]:
    return [
        AudioAnalysis(
            video_id=video.video_id, organization_id=video.organization_id, segment_index=index, features=features
        )
        for index, features in enumerate(found.analyses)
    ]


async def fail(session: Session, video_id: int, reason: str) -> bool:
    """Say why a video could not be processed; False where there is none to say it of."""
    video = await Videos(session).find(video_id, lock=True)
    if video is None or video.status != Status.PROCESSING:
        return False
    video.status, video.failure_reason = Status.FAILED, reason
    failed = events.VideoFailed(video_id=video_id, user_id=video.user_id, reason=reason)
    outbox.publish(session, failed, key=str(video_id))
    return True


async def remove_abandoned(session: Session) -> int:
    """Delete uploads of more than a day ago that were never completed, of all organizations; answers how many."""
    removed = await Videos(session).remove_abandoned(ABANDONED_HOURS, SWEPT_AT_ONCE)
    for video_id, user_id, organization_id in removed:
        by = Tenant(user_id, str(organization_id))
        publish_deleted(session, video_id, user_id, organization_id, by=by)
    return len(removed)


def publish_deleted(session: Session, video_id: int, user_id: int, organization_id: UUID, by: Caller) -> None:
    prefix = video_prefix(organization_id, user_id, video_id)
    deleted = events.VideoDeleted(video_id=video_id, user_id=user_id, prefix=prefix)
    outbox.publish(session, deleted, key=str(video_id), by=by)
