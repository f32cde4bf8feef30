"""Mails and the queue that sends them; proofs of e-mail addresses; throttles of signing in and the places people sign
in from; one-time passwords."""

from alembic import op

from libs.jobs import DDL as JOBS

revision, down_revision = "0009", "0008"

# What a mail says holds links that are as good as a password: it is erased when the mail is sent.
MAILS = """
CREATE TABLE mail (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    recipient VARCHAR(255) NOT NULL,
    template VARCHAR(50) NOT NULL,
    language VARCHAR(10) NOT NULL,
    content JSONB,
    status VARCHAR(20) NOT NULL DEFAULT 'waiting',
    failure VARCHAR(500),
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    ended_at TIMESTAMPTZ,
    CONSTRAINT pk_mail PRIMARY KEY (id),
    CONSTRAINT ck_mail_status CHECK (status IN ('waiting', 'sent', 'kept', 'failed')),
    CONSTRAINT ck_mail_erased CHECK (status NOT IN ('sent', 'failed') OR content IS NULL)
);
CREATE INDEX ix_mail_created_at ON mail (created_at);
"""

PROOFS = """
CREATE TABLE account_proof (
    hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    purpose VARCHAR(20) NOT NULL,
    email VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    CONSTRAINT pk_account_proof PRIMARY KEY (hash),
    CONSTRAINT ck_account_proof_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT ck_account_proof_purpose CHECK (purpose IN ('verify_email', 'change_email', 'reset_password')),
    CONSTRAINT fk_account_proof_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_account_proof_user_id ON account_proof (user_id);
CREATE INDEX ix_account_proof_expires_at ON account_proof (expires_at);
"""

# `subject` is a hash: of an account, of a name that nobody has, of an address. Names that people typed are not kept.
THROTTLES = """
CREATE TABLE sign_in_throttle (
    subject BYTEA NOT NULL,
    place VARCHAR(50) NOT NULL,
    failures INT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    open_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_sign_in_throttle PRIMARY KEY (subject, place),
    CONSTRAINT ck_sign_in_throttle_subject CHECK (octet_length(subject) = 32)
);
CREATE INDEX ix_sign_in_throttle_last_at ON sign_in_throttle (last_at);
CREATE TABLE known_place (
    user_id BIGINT NOT NULL,
    place CIDR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    last_seen_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_known_place PRIMARY KEY (user_id, place),
    CONSTRAINT fk_known_place_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_known_place_last_seen_at ON known_place (last_seen_at);
"""

# The language of a person's mails; until when a one-time password must be exchanged for one of their own.
ACCOUNTS = """
ALTER TABLE user_account ADD COLUMN language VARCHAR(10), ADD COLUMN password_expires_at TIMESTAMPTZ;
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"
OWNERS = {"mail": SYSTEM, "account_proof": PERSON, "sign_in_throttle": SYSTEM, "known_place": PERSON}


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


# Whatever a person does may be told by mail; nobody but the worker reads what waits.
POSTS = "CREATE POLICY posts ON mail FOR INSERT WITH CHECK (status = 'waiting')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (MAILS, PROOFS, THROTTLES, ACCOUNTS, JOBS):
        op.execute(statements)
    for table, owns in OWNERS.items():
        op.execute(wall(table, owns))
    op.execute(POSTS)
