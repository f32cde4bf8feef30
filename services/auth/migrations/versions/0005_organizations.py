"""Roles, invitations, settings, what users say of themselves."""

from alembic import op

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
