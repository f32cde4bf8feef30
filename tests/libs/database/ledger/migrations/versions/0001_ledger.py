"""Entries, outbox and inbox."""

from alembic import op

from libs.inbox import DDL as INBOX
from libs.outbox import ADDRESS_DDL
from libs.outbox import DDL as OUTBOX

revision, down_revision = "0001", None

ENTRY = """
CREATE TABLE entry (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    small SMALLINT NOT NULL,
    number INT NOT NULL,
    big BIGINT NOT NULL,
    "real" DOUBLE PRECISION NOT NULL,
    is_open BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL DEFAULT now(),
    note TEXT,
    price NUMERIC(12, 2),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
ALTER TABLE entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON entry
    USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
           OR current_setting('app.system', true) = 'on')
    WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
           OR current_setting('app.system', true) = 'on');
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ENTRY, OUTBOX, ADDRESS_DDL, INBOX):
        op.execute(statements)
