"""Linked platform accounts."""

from alembic import op

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
