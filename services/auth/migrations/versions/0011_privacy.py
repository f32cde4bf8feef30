"""Exports and erasures of personal data."""

from alembic import op

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
