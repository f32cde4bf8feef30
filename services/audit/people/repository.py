"""What the logs know of a person."""

from collections.abc import AsyncIterator

from sqlalchemy import text

from libs.database import SYSTEM, Database, Session

BATCH = 500
FORGET = text("SELECT forget_person(:user_id)")
ROWS = {
    "audit_log": text("""
SELECT log_id, to_jsonb(l)::text FROM audit_log l
WHERE user_id = :user_id AND log_id > :after ORDER BY log_id LIMIT :most
"""),
    "access_log": text("""
SELECT log_id, to_jsonb(l)::text FROM access_log l
WHERE user_id = :user_id AND log_id > :after ORDER BY log_id LIMIT :most
"""),
}


async def forget(session: Session, user_id: int) -> None:
    """Leave of a person's rows what was done and by which number, and take from them who and where that was."""
    await session.execute(FORGET, {"user_id": user_id})


async def rows(database: Database, log: str, user_id: int) -> AsyncIterator[list[str]]:
    """The person's rows of one of ROWS as JSON, a batch to a transaction."""
    after = 0
    while True:
        async with database.transaction(SYSTEM) as session:
            found = (await session.execute(ROWS[log], {"user_id": user_id, "after": after, "most": BATCH})).all()
        if not found:
            return
        yield [row for _, row in found]
        after = found[-1][0]
