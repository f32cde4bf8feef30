"""Every SELECT of captures."""

from typing import Any

from sqlalchemy import delete

from libs.database import Database, HotQuery, Session
from libs.database.tenant import Caller
from services.media.captures.models import Capture
from services.media.pages import Page

# One row without a picture where the video has none (or none on this page); no row where there is no such video.
PAGE = HotQuery("""
SELECT capture.timestamp_ms, capture.capture_image_path
FROM video_metadata video
LEFT JOIN LATERAL (
    SELECT timestamp_ms, capture_image_path FROM video_capture_log
    WHERE video_id = video.video_id ORDER BY timestamp_ms LIMIT %(limit)s OFFSET %(offset)s
) capture ON true
WHERE video.video_id = %(video_id)s
ORDER BY capture.timestamp_ms
""")


class Captures:
    """The captures of videos, in a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def replace(self, video_id: int, captures: list[Capture]) -> None:
        """Put these in the place of all that the video had."""
        await self.remove(video_id)
        self._session.add_all(captures)

    async def remove(self, video_id: int) -> None:
        await self._session.execute(delete(Capture).where(Capture.video_id == video_id))


async def page(database: Database, caller: Caller, video_id: int, page: Page) -> list[tuple[Any, ...]] | None:
    """(milliseconds, key of the picture) in time order; None where the caller sees no such video."""
    rows = await PAGE.rows(database, caller, video_id=video_id, limit=page.limit, offset=page.offset)
    return [row for row in rows if row[1]] if rows else None
