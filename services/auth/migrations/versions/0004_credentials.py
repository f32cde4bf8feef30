"""API tokens of organizations, API keys."""

from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
