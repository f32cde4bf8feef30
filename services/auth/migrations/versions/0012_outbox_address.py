"""Where the cause of an event came from."""

from alembic import op

from libs.outbox import ADDRESS_DDL

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ADDRESS_DDL)
