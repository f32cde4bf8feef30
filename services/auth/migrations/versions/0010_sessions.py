"""Data keys: values are sealed by them, and they by the master key. Sessions end when they lie unused."""

from alembic import op

revision, down_revision = "0010", "0009"

DATA_KEYS = """
CREATE TABLE data_key (
    id UUID NOT NULL,
    sealed_key BYTEA NOT NULL,
    sealed_by VARCHAR(100) NOT NULL,
    state VARCHAR(20) NOT NULL DEFAULT 'live',
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    activates_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_data_key PRIMARY KEY (id),
    CONSTRAINT ck_data_key_state CHECK (state IN ('live', 'retired'))
);
"""
# A session that names no limit lives as before. Whoever takes a member out of an organization ends the member's
# sessions there: their transaction says so by app.ending, for that one statement.
SESSIONS = """
ALTER TABLE session ADD COLUMN idle_limit INTERVAL;
CREATE POLICY ending ON session USING (
    organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
    AND current_setting('app.ending', true) = 'on'
);
"""
SYSTEM = "current_setting('app.system', true) = 'on'"


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(DATA_KEYS)
    op.execute(SESSIONS)
    op.execute(wall("data_key", SYSTEM))
