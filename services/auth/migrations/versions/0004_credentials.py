"""API tokens act for an organization; API keys. A token of the previous release has no organization: it never acted."""

from alembic import op

revision, down_revision = "0004", "0003"

# The table has no rows yet: nobody could issue a token before.
API_TOKENS = """
ALTER TABLE api_token ADD COLUMN organization_id UUID, ADD COLUMN revoked_at TIMESTAMPTZ;
-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint
ALTER TABLE api_token ADD CONSTRAINT fk_api_token_organization_id
    FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_api_token_organization_id ON api_token (organization_id);
"""

# A key has at most two values at a time: its own, and for the overlap of a rotation the one before.
API_KEYS = """
CREATE TABLE api_key (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    organization_id UUID NOT NULL,
    name VARCHAR(255) NOT NULL,
    key_prefix VARCHAR(20) NOT NULL,
    hashed_key VARCHAR(255) NOT NULL,
    permissions JSONB NOT NULL DEFAULT '[]',
    rate_limit JSONB NOT NULL DEFAULT '{}',
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    last_used_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    kind VARCHAR(20) NOT NULL DEFAULT 'secret',
    last_four VARCHAR(4) NOT NULL,
    ip_whitelist TEXT[] NOT NULL DEFAULT '{}',
    allowed_origins TEXT[] NOT NULL DEFAULT '{}',
    require_signature BOOLEAN NOT NULL DEFAULT FALSE,
    sealed_key BYTEA,
    signing_secret BYTEA,
    previous_hash VARCHAR(255),
    previous_signing_secret BYTEA,
    previous_expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT uq_api_key_hashed_key UNIQUE (hashed_key),
    CONSTRAINT uq_api_key_previous_hash UNIQUE (previous_hash),
    CONSTRAINT uq_api_key_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT ck_api_key_key_prefix CHECK (key_prefix IN ('pk_live_', 'pk_test_')),
    CONSTRAINT ck_api_key_kind CHECK (kind IN ('secret', 'widget')),
    CONSTRAINT ck_api_key_sealed CHECK ((kind = 'widget') = (sealed_key IS NOT NULL)),
    CONSTRAINT ck_api_key_signed CHECK (NOT require_signature OR signing_secret IS NOT NULL),
    CONSTRAINT ck_api_key_previous CHECK ((previous_hash IS NULL) = (previous_expires_at IS NULL)),
    CONSTRAINT fk_api_key_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE,
    CONSTRAINT fk_api_key_created_by FOREIGN KEY (created_by) REFERENCES user_account (user_id) ON DELETE SET NULL
);
CREATE INDEX ix_api_key_key_prefix ON api_key (key_prefix);
CREATE INDEX ix_api_key_created_by ON api_key (created_by);
CREATE UNIQUE INDEX ix_api_key_widget ON api_key (organization_id) WHERE kind = 'widget' AND revoked_at IS NULL;
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
TENANT = f"organization_id = nullif(current_setting('app.organization_id', true), '')::uuid OR {SYSTEM}"
WALL = f"""
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON api_key USING ({TENANT}) WITH CHECK ({TENANT});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (API_TOKENS, API_KEYS, WALL):
        op.execute(statements)
