"""Where what is audited was done from."""

from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE audit_log ADD COLUMN address TEXT NOT NULL DEFAULT ''")
