"""Mails, proofs of e-mail addresses, throttles."""

from alembic import op

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
