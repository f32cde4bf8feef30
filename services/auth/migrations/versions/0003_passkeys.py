"""Passkeys and their challenges. A challenge of a sign-in is nobody's; each is deleted by its first use."""

from alembic import op

revision, down_revision = "0003", "0002"

PASSKEYS = """
CREATE TABLE passkey (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL,
    credential_id BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    name VARCHAR(100) NOT NULL,
    aaguid UUID NOT NULL,
    transports TEXT[] NOT NULL,
    is_backup_eligible BOOLEAN NOT NULL,
    is_backed_up BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    last_used_at TIMESTAMPTZ,
    CONSTRAINT pk_passkey PRIMARY KEY (id),
    CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id),
    CONSTRAINT ck_passkey_credential_id CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT ck_passkey_sign_count CHECK (sign_count BETWEEN 0 AND 4294967295),
    CONSTRAINT fk_passkey_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_passkey_user_id ON passkey (user_id);
CREATE TABLE passkey_challenge (
    hash BYTEA NOT NULL,
    purpose VARCHAR(20) NOT NULL,
    user_id BIGINT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_passkey_challenge PRIMARY KEY (hash),
    CONSTRAINT ck_passkey_challenge_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT ck_passkey_challenge_purpose CHECK (purpose IN ('register', 'login')),
    CONSTRAINT ck_passkey_challenge_user_id CHECK ((purpose = 'register') = (user_id IS NOT NULL)),
    CONSTRAINT fk_passkey_challenge_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_passkey_challenge_user_id ON passkey_challenge (user_id);
CREATE INDEX ix_passkey_challenge_expires_at ON passkey_challenge (expires_at);
"""
SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(PASSKEYS)
    for table in ("passkey", "passkey_challenge"):
        op.execute(wall(table, PERSON))
