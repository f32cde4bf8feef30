"""The queue's tables."""

from importlib import resources

import procrastinate
from sqlalchemy import text

from libs.database import Database
from libs.jobs import DDL


def test_the_schema_is_that_of_the_installed_procrastinate() -> None:
    """Where this fails after an upgrade: add a migration made from procrastinate/sql/migrations, then a new DDL."""
    installed = resources.files(procrastinate).joinpath("sql/schema.sql").read_text(encoding="utf-8")

    assert DDL.endswith(installed)


async def test_the_queue_belongs_to_the_schemas_owner_and_works_for_its_app(database: Database) -> None:
    query = text("SELECT DISTINCT schemaname, tableowner FROM pg_tables WHERE tablename LIKE 'procrastinate_%'")
    async with database.transaction() as session:
        found = (await session.execute(query)).all()
        who = await session.scalar(text("SELECT current_user"))

    assert [tuple(row) for row in found] == [("trial", "trial_owner")]
    assert who == "trial_app"
