"""Second factors: which code was taken last, what is locked until when, that a payment is authorised once; and by what
a session began (RFC 8176).

Columns with defaults and an index on what no release before this one wrote: the previous release serves meanwhile.
"""

from alembic import op

revision, down_revision = "0002", "0001"

COLUMNS = """
ALTER TABLE user_2fa
    ADD COLUMN last_step BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN failed_count INT NOT NULL DEFAULT 0,
    ADD COLUMN locked_until TIMESTAMPTZ;
ALTER TABLE user_pin ADD COLUMN locked_until TIMESTAMPTZ;
ALTER TABLE session ADD COLUMN amr TEXT[] NOT NULL DEFAULT '{pwd}';
"""
# No release before this one wrote the table: there is nothing to be indexed, and nobody to wait.
ONCE = """
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX ix_payment_auth_log_granted ON payment_auth_log (user_id, payment_id) WHERE status = 'granted';
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(COLUMNS)
    op.execute(ONCE)
