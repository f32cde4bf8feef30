"""Row-level security: whatever a query forgets, one organization's rows are not another's."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from libs.database import Database, Tenant
from libs.database.tenant import Caller
from tests.services.media.builders import Studio, caller, column

TABLES = ("video_metadata", "video_subtitle", "video_capture_log", "audio_analysis", "subtitle_translation_log")


async def rows(database: Database, video_id: int, tenant: Caller) -> list[int]:
    """How many rows about the video the tenant sees in each of TABLES."""
    async with database.transaction(tenant) as session:
        counts = [f"SELECT count(*) FROM {table} WHERE video_id = :id" for table in TABLES]  # noqa: S608  # constants
        return [int(await session.scalar(text(one), {"id": video_id}) or 0) for one in counts]


async def test_nobody_and_strangers_see_no_row_of_any_table(database: Database, studio: Studio) -> None:
    owner = caller()
    video = await studio.ready(owner)
    async with database.transaction(owner) as session:
        for table, columns, values in (
            ("video_subtitle", "language_code, subtitle_path", "'en', 'x'"),
            ("subtitle_translation_log", "src_language, dst_language, translation_path", "'en', 'ja', 'x'"),
        ):
            insert = f"INSERT INTO {table} (video_id, organization_id, {columns}) VALUES (:id, :organization, {values})"  # noqa: S608  # constants
            await session.execute(text(insert), {"id": video.video_id, "organization": owner.organization_id})

    seen = [await rows(database, video.video_id, who) for who in (owner, Tenant(5, str(uuid4())), Tenant())]

    assert seen == [[1, 1, 3, 2, 1], [0] * 5, [0] * 5]


async def test_what_is_public_is_read_by_strangers_and_written_by_none(database: Database, studio: Studio) -> None:
    owner, stranger = caller(), Tenant(5, str(uuid4()))
    video = await studio.ready(owner, visibility="public")
    changes = (
        "UPDATE video_metadata SET title = 'mine' WHERE video_id = :id",
        "DELETE FROM video_capture_log WHERE video_id = :id",
        "UPDATE audio_analysis SET features = '{}' WHERE video_id = :id",
    )

    async with database.transaction(stranger) as session:
        seen = await session.scalar(
            text("SELECT title FROM video_metadata WHERE video_id = :id"), {"id": video.video_id}
        )
        changed = [(await session.execute(text(one), {"id": video.video_id})).rowcount for one in changes]  # type: ignore[attr-defined]  # of an update

    assert seen == "film.mp4"
    assert changed == [0, 0, 0]
    assert len(await column(database, "SELECT 1 FROM video_capture_log WHERE video_id = :id", id=video.video_id)) == 3


async def test_a_row_cannot_be_written_into_another_organization(database: Database, studio: Studio) -> None:
    owner = caller()
    video = await studio.ready(owner)

    async def give_away() -> None:
        async with database.transaction(owner) as session:
            move = "UPDATE video_metadata SET organization_id = :other WHERE video_id = :id"
            await session.execute(text(move), {"id": video.video_id, "other": uuid4()})

    with pytest.raises(ProgrammingError, match="row-level security"):
        await give_away()


async def test_every_table_with_an_organization_forces_its_wall(database: Database) -> None:
    query = """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'media'::regnamespace AND c.relkind = 'r' AND a.attname = 'organization_id'
          AND c.relname <> 'outbox' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    """

    assert await column(database, query) == []
