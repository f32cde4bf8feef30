"""Devices, session limits, data keys."""

from alembic import op

revision, down_revision = "0010", "0009"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
