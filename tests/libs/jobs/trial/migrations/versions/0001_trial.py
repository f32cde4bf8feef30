"""The queue, and what the trial's jobs leave behind."""

from alembic import op

from libs.jobs import DDL as JOBS

revision, down_revision = "0001", None

NOTES = """
CREATE TABLE notes (
    note_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    job_id BIGINT NOT NULL,
    lease INT NOT NULL,
    pid INT NOT NULL,
    details TEXT NOT NULL DEFAULT '',
    at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (JOBS, NOTES):
        op.execute(statements)
