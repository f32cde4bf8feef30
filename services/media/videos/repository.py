"""Every SELECT of videos."""

from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import func, select, text, update

from libs.database import Database, HotQuery, Session
from libs.database.tenant import Caller
from services.media.pages import Page
from services.media.videos.errors import VideoNotFound
from services.media.videos.models import VIDEO_IDS, Status, Video


class Shown(NamedTuple):
    """What a reader is shown of a video; the columns of the hot reads, in their order."""

    video_id: int
    user_id: int
    title: str
    description: str | None
    duration_ms: int | None
    thumbnail_path: str | None
    status: str
    failure_reason: str | None
    width: int | None
    height: int | None
    size_bytes: int
    content_type: str
    visibility: str
    playlist_path: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, video: Video) -> Self:
        return cls(*(getattr(video, name) for name in cls._fields))


ONE = HotQuery("""
SELECT video_id, user_id, title, description, duration_ms, thumbnail_path, status, failure_reason, width, height,
       size_bytes, content_type, visibility, playlist_path, created_at, updated_at
FROM video_metadata WHERE video_id = %(video_id)s
""")
OWN = HotQuery("""
SELECT video_id, user_id, title, description, duration_ms, thumbnail_path, status, failure_reason, width, height,
       size_bytes, content_type, visibility, playlist_path, created_at, updated_at
FROM video_metadata WHERE organization_id = nullif(%(organization_id)s, '')::uuid AND user_id = %(user_id)s
ORDER BY video_id DESC LIMIT %(limit)s OFFSET %(offset)s
""")
# Which of them the caller may see is the row-level policy's; said again in parts so that each part has its index.
ANOTHERS = HotQuery("""
SELECT video_id, user_id, title, description, duration_ms, thumbnail_path, status, failure_reason, width, height,
       size_bytes, content_type, visibility, playlist_path, created_at, updated_at
FROM video_metadata
WHERE user_id = %(user_id)s
  AND (organization_id = nullif(%(organization_id)s, '')::uuid OR (visibility = 'public' AND status = 'ready'))
ORDER BY video_id DESC LIMIT %(limit)s OFFSET %(offset)s
""")
ABANDONED = text("""
DELETE FROM video_metadata WHERE video_id IN (
    SELECT video_id FROM video_metadata
    WHERE status = 'uploading' AND created_at < now() - make_interval(hours => :hours)
    ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
) RETURNING video_id, user_id, organization_id
""")


async def shown(database: Database, caller: Caller, video_id: int) -> Shown:
    """A video that the caller may see; raises VideoNotFound."""
    rows = await ONE.rows(database, caller, video_id=video_id)
    if not rows:
        raise VideoNotFound(video_id)
    return Shown(*rows[0])


async def page(database: Database, caller: Caller, user_id: int, page: Page) -> list[Shown]:
    """A user's videos that the caller may see, newest first, and one more than asked for where there are more."""
    query = OWN if user_id == caller.user_id else ANOTHERS
    values = {"organization_id": caller.organization_id, "limit": page.limit + 1, "offset": page.offset}
    rows: list[tuple[Any, ...]] = await query.rows(database, caller, user_id=user_id, **values)
    return [Shown(*row) for row in rows]


class Videos:
    """Videos that the session's tenant may change, and for whom."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def next_id(self) -> int:
        found: int = (await self._session.execute(select(VIDEO_IDS.next_value()))).scalar_one()
        return found

    async def find(self, video_id: int, *, lock: bool = False) -> Video | None:
        """The video, of this organization only where it is locked."""
        return await self._session.get(Video, video_id, with_for_update=lock or None)

    async def get(self, video_id: int, *, lock: bool = False) -> Video:
        """As `find`; raises VideoNotFound."""
        found = await self.find(video_id, lock=lock)
        if found is None:
            raise VideoNotFound(video_id)
        return found

    async def begin_processing(self, video_id: int, etag: str) -> bool:
        """Whether it was this call that ended the upload: of many at once, one is told True."""
        waiting = update(Video).where(Video.video_id == video_id, Video.status == Status.UPLOADING)
        changed = waiting.values(status=Status.PROCESSING, etag=etag, updated_at=func.now()).returning(Video.video_id)
        return (await self._session.execute(changed)).first() is not None

    async def remove_abandoned(self, hours: int, most: int) -> list[tuple[int, int, UUID]]:
        """Delete uploads that were never completed; answers (video, user, organization) of each."""
        rows = await self._session.execute(ABANDONED, {"hours": hours, "most": most})
        return [(row.video_id, row.user_id, row.organization_id) for row in rows]
