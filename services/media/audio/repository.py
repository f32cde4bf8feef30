"""Every SELECT of audio analyses."""

from typing import Any

from sqlalchemy import delete

from libs.database import Database, HotQuery, Session
from libs.database.tenant import Caller
from services.media.audio.models import AudioAnalysis
from services.media.pages import Page

# One row without features where the video has no sound (or none on this page); no row where there is no such video.
PAGE = HotQuery("""
SELECT analysis.segment_index, analysis.features
FROM video_metadata video
LEFT JOIN LATERAL (
    SELECT segment_index, features::text AS features FROM audio_analysis
    WHERE video_id = video.video_id ORDER BY segment_index LIMIT %(limit)s OFFSET %(offset)s
) analysis ON true
WHERE video.video_id = %(video_id)s
ORDER BY analysis.segment_index
""")


class AudioAnalyses:
    """The analysed segments of videos, in a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def replace(self, video_id: int, analyses: list[AudioAnalysis]) -> None:
        """Put these in the place of all that the video had."""
        await self.remove(video_id)
        self._session.add_all(analyses)

    async def remove(self, video_id: int) -> None:
        await self._session.execute(delete(AudioAnalysis).where(AudioAnalysis.video_id == video_id))


async def page(database: Database, caller: Caller, video_id: int, page: Page) -> list[tuple[Any, ...]] | None:
    """(segment's index, features as JSON text) in order; None where the caller sees no such video."""
    rows = await PAGE.rows(database, caller, video_id=video_id, limit=page.limit, offset=page.offset)
    return [row for row in rows if row[1]] if rows else None
