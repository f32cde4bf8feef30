"""The outbox and the inbox: what every service needs before its first event."""

from alembic import op

from libs import inbox, outbox

revision, down_revision = "0001", None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(outbox.DDL)
    op.execute(inbox.DDL)
