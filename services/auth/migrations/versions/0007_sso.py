"""Accounts at other issuers."""

from alembic import op

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
