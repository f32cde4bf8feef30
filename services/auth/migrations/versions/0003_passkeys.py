"""Passkeys and their challenges."""

from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
