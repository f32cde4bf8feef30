"""Every SELECT of a person's things."""

from collections.abc import AsyncIterator

from sqlalchemy import select, text

from libs.database import SYSTEM, Database, Session
from services.media.videos.models import Video

BATCH = 200
VIDEOS = text("""
SELECT video_id, upload_path, to_jsonb(v) - 'etag' FROM video_metadata v
WHERE user_id = :user_id AND video_id > :after ORDER BY video_id LIMIT :most
""")
# What belongs to a video, by the archive's names for it.
PARTS = {
    "captures": text("SELECT to_jsonb(t)::text FROM video_capture_log t WHERE video_id = ANY(:ids) ORDER BY 1"),
    "audio_analyses": text("SELECT to_jsonb(t)::text FROM audio_analysis t WHERE video_id = ANY(:ids) ORDER BY 1"),
    "subtitles": text("SELECT to_jsonb(t)::text FROM video_subtitle t WHERE video_id = ANY(:ids) ORDER BY 1"),
    "translations": text(
        "SELECT to_jsonb(t)::text FROM subtitle_translation_log t WHERE video_id = ANY(:ids) ORDER BY 1"
    ),
}


async def video_ids(session: Session, user_id: int, most: int) -> list[int]:
    """Some of the person's videos."""
    return list(await session.scalars(select(Video.video_id).where(Video.user_id == user_id).limit(most)))


async def videos(database: Database, user_id: int) -> AsyncIterator[tuple[int, str, dict[str, object]]]:
    """(id, key of the uploaded file, row) of all the person's videos, a batch to a transaction."""
    after = 0
    while True:
        async with database.transaction(SYSTEM) as session:
            found = (await session.execute(VIDEOS, {"user_id": user_id, "after": after, "most": BATCH})).all()
        for video_id, key, row in found:
            yield video_id, key, row
            after = video_id
        if len(found) < BATCH:
            return


async def parts(database: Database, kind: str, ids: list[int]) -> list[str]:
    """The rows of one of PARTS that belong to the videos, as JSON."""
    async with database.transaction(SYSTEM) as session:
        return list(await session.scalars(PARTS[kind], {"ids": ids}))
