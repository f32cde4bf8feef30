"""OAuth clients, authorization codes, grants."""

from alembic import op

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
