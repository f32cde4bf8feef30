"""Second factors: what a code was used for, PIN locks, payment authorisations."""

from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
