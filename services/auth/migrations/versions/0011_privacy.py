"""Exports and erasures of personal data."""

from alembic import op

revision, down_revision = "0011", "0010"

TABLES = """
CREATE TABLE erasure (
    user_id BIGINT NOT NULL,
    state VARCHAR(20) NOT NULL DEFAULT 'scheduled',
    token_hash BYTEA NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    erases_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT pk_erasure PRIMARY KEY (user_id),
    CONSTRAINT uq_erasure_token_hash UNIQUE (token_hash),
    CONSTRAINT ck_erasure_state CHECK (state IN ('scheduled', 'restored', 'forbidden', 'done')),
    CONSTRAINT ck_erasure_ended CHECK ((ended_at IS NULL) = (state IN ('scheduled', 'forbidden'))),
    CONSTRAINT fk_erasure_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE TABLE personal_export (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL,
    state VARCHAR(20) NOT NULL DEFAULT 'pending',
    requested_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ,
    size_bytes BIGINT,
    CONSTRAINT pk_personal_export PRIMARY KEY (id),
    CONSTRAINT ck_personal_export_state CHECK (state IN ('pending', 'ready', 'failed', 'expired')),
    CONSTRAINT ck_personal_export_ready CHECK (state <> 'ready' OR (expires_at IS NOT NULL AND size_bytes IS NOT NULL)),
    CONSTRAINT fk_personal_export_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_personal_export_user_id ON personal_export (user_id);
CREATE UNIQUE INDEX ix_personal_export_pending ON personal_export (user_id) WHERE state = 'pending';
CREATE INDEX ix_personal_export_expires_at ON personal_export (expires_at) WHERE state = 'ready';
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"


def wall(table: str) -> str:
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({PERSON}) WITH CHECK ({PERSON});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("erasure", "personal_export"):
        op.execute(wall(table))
