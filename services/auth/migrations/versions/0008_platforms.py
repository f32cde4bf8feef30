"""Keys of accounts at streaming platforms, their tokens sealed; the states of links that are being made.

Platforms themselves stand in the code: what they are is the same in every deployment.
"""

from alembic import op

revision, down_revision = "0008", "0007"

PLATFORMS = """
CREATE TABLE platform_key (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL,
    platform VARCHAR(20) NOT NULL,
    channel_id VARCHAR(100),
    access_token BYTEA NOT NULL,
    access_token_mask VARCHAR(7) NOT NULL,
    refresh_token BYTEA,
    refresh_token_mask VARCHAR(7),
    token_expires_at TIMESTAMPTZ,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1,
    renewing_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_platform_key PRIMARY KEY (id),
    CONSTRAINT uq_platform_key_user_id_platform_channel_id UNIQUE (user_id, platform, channel_id),
    CONSTRAINT ck_platform_key_platform CHECK (platform IN ('twitch', 'youtube')),
    CONSTRAINT ck_platform_key_refresh_token CHECK ((refresh_token IS NULL) = (refresh_token_mask IS NULL)),
    CONSTRAINT fk_platform_key_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE TABLE platform_state (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    hash BYTEA NOT NULL,
    platform VARCHAR(20) NOT NULL,
    user_id BIGINT,
    redirect_uri VARCHAR(2048) NOT NULL,
    verifier BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_platform_state PRIMARY KEY (id),
    CONSTRAINT uq_platform_state_hash UNIQUE (hash),
    CONSTRAINT ck_platform_state_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT ck_platform_state_platform CHECK (platform IN ('twitch', 'youtube')),
    CONSTRAINT fk_platform_state_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_platform_state_user_id ON platform_state (user_id);
CREATE INDEX ix_platform_state_expires_at ON platform_state (expires_at);
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
    op.execute(PLATFORMS)
    for table in ("platform_key", "platform_state"):
        op.execute(wall(table, PERSON))
