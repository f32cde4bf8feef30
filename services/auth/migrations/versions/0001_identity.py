"""Accounts, organizations, sessions, signing keys; the tables of second factors and API tokens; the outbox.

Tables and columns of the published data model; what is added stands after updated_at. Row-level security is forced
where a person or a tenant owns the row. Its conditions leave only leakproof comparisons an index, so what people are
found by is stored as it is compared: `username_key`, and addresses and domains in their one normal form.
"""

from alembic import op

from libs.outbox import DDL as OUTBOX

revision, down_revision = "0001", None

ACCOUNTS = """
CREATE TABLE user_account (
    user_id BIGSERIAL NOT NULL,
    username VARCHAR(100) NOT NULL,
    email VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    username_key VARCHAR(100) NOT NULL GENERATED ALWAYS AS (lower(username)) STORED,
    display_name VARCHAR(100),
    is_admin BOOLEAN NOT NULL DEFAULT FALSE,
    email_verified_at TIMESTAMPTZ,
    CONSTRAINT pk_user_account PRIMARY KEY (user_id),
    CONSTRAINT uq_user_account_username UNIQUE (username),
    CONSTRAINT uq_user_account_email UNIQUE (email),
    CONSTRAINT uq_user_account_id UNIQUE (id),
    CONSTRAINT uq_user_account_username_key UNIQUE (username_key)
);
CREATE UNIQUE INDEX ix_user_account_lower_email ON user_account (lower(email));
"""

SECOND_FACTORS = """
CREATE TABLE user_2fa (
    user_id BIGINT NOT NULL,
    totp_secret TEXT,
    is_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    backup_codes TEXT[],
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_user_2fa PRIMARY KEY (user_id),
    CONSTRAINT fk_user_2fa_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE TABLE user_pin (
    user_id BIGINT NOT NULL,
    pin_hash VARCHAR(255) NOT NULL,
    is_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    attempt_count INT NOT NULL DEFAULT 0,
    last_attempt_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_user_pin PRIMARY KEY (user_id),
    CONSTRAINT fk_user_pin_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE TABLE payment_auth_log (
    log_id BIGSERIAL NOT NULL,
    user_id BIGINT NOT NULL,
    payment_id VARCHAR(100),
    auth_method VARCHAR(50),
    status VARCHAR(50),
    timestamp TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    metadata JSONB,
    CONSTRAINT pk_payment_auth_log PRIMARY KEY (log_id),
    CONSTRAINT fk_payment_auth_log_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id)
);
CREATE INDEX ix_payment_auth_log_user_id ON payment_auth_log (user_id);
"""

API_TOKENS = """
CREATE TABLE api_token (
    token_id BIGSERIAL NOT NULL,
    user_id BIGINT NOT NULL,
    token VARCHAR(512) NOT NULL,
    token_type VARCHAR(50) NOT NULL,
    scope TEXT[],
    issued_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    revoked BOOLEAN NOT NULL DEFAULT FALSE,
    last_used_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_api_token PRIMARY KEY (token_id),
    CONSTRAINT uq_api_token_token UNIQUE (token),
    CONSTRAINT fk_api_token_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_api_token_user_id ON api_token (user_id);
"""

ORGANIZATIONS = """
CREATE TABLE organization (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    name VARCHAR(200) NOT NULL,
    slug VARCHAR(100) NOT NULL,
    domain VARCHAR(253),
    is_personal BOOLEAN NOT NULL,
    plan VARCHAR(50) NOT NULL DEFAULT 'free',
    status VARCHAR(50) NOT NULL DEFAULT 'active',
    settings JSONB NOT NULL DEFAULT '{}',
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_organization PRIMARY KEY (id),
    CONSTRAINT uq_organization_slug UNIQUE (slug),
    CONSTRAINT ck_organization_slug CHECK (slug = lower(slug)),
    CONSTRAINT ck_organization_domain CHECK (domain = lower(domain)),
    CONSTRAINT ck_organization_plan CHECK (plan IN ('free', 'starter', 'professional', 'enterprise')),
    CONSTRAINT ck_organization_status CHECK (status IN ('active', 'suspended', 'deleted'))
);
CREATE UNIQUE INDEX ix_organization_domain ON organization (domain);
CREATE TABLE organization_member (
    organization_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    role VARCHAR(50) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_organization_member PRIMARY KEY (organization_id, user_id),
    CONSTRAINT ck_organization_member_role CHECK (role IN ('ADMIN', 'OPERATOR')),
    CONSTRAINT fk_organization_member_organization_id
        FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_member_user_id
        FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_organization_member_user_id ON organization_member (user_id);
"""

# A session acts for one membership and ends with it; its refresh tokens cannot be another person's. A token has at
# most one successor, so that a session never has two live ends.
SESSIONS = """
CREATE TABLE session (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL,
    organization_id UUID NOT NULL,
    address INET,
    user_agent VARCHAR(512) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    last_seen_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_reason VARCHAR(50),
    CONSTRAINT pk_session PRIMARY KEY (id),
    CONSTRAINT uq_session_id_user_id UNIQUE (id, user_id),
    CONSTRAINT ck_session_revoked CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
    CONSTRAINT fk_session_organization_id FOREIGN KEY (organization_id, user_id)
        REFERENCES organization_member (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_session_user_id ON session (user_id);
CREATE INDEX ix_session_organization_id_user_id ON session (organization_id, user_id);
CREATE INDEX ix_session_expires_at ON session (expires_at);
CREATE TABLE refresh_token (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    hash BYTEA NOT NULL,
    session_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    parent_id BIGINT,
    sealed_successor BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    used_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_refresh_token PRIMARY KEY (id),
    CONSTRAINT uq_refresh_token_hash UNIQUE (hash),
    CONSTRAINT uq_refresh_token_parent_id UNIQUE (parent_id),
    CONSTRAINT ck_refresh_token_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_refresh_token_session_id FOREIGN KEY (session_id, user_id)
        REFERENCES session (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_refresh_token_parent_id FOREIGN KEY (parent_id) REFERENCES refresh_token (id) ON DELETE SET NULL
);
CREATE INDEX ix_refresh_token_session_id_user_id ON refresh_token (session_id, user_id);
CREATE INDEX ix_refresh_token_expires_at ON refresh_token (expires_at);
"""

KEYS = """
CREATE TABLE signing_key (
    kid VARCHAR(64) NOT NULL,
    private_key BYTEA NOT NULL,
    sealed_by VARCHAR(32) NOT NULL,
    public_jwk JSONB NOT NULL,
    state VARCHAR(20) NOT NULL DEFAULT 'live',
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    activates_at TIMESTAMPTZ NOT NULL,
    retires_at TIMESTAMPTZ,
    CONSTRAINT pk_signing_key PRIMARY KEY (kid),
    CONSTRAINT ck_signing_key_state CHECK (state IN ('live', 'withdrawn'))
);
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"
TENANT = f"{{}} = nullif(current_setting('app.organization_id', true), '')::uuid OR {SYSTEM}"
OWNERS = {
    "user_account": PERSON,
    "user_2fa": PERSON,
    "user_pin": PERSON,
    "payment_auth_log": PERSON,
    "api_token": PERSON,
    "session": PERSON,
    "refresh_token": PERSON,
    "organization": TENANT.format("id"),
    "organization_member": TENANT.format("organization_id"),
    "signing_key": SYSTEM,
}


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


# People see their own memberships whatever organization they act for.
OWN_MEMBERSHIPS = f"CREATE POLICY member ON organization_member FOR SELECT USING ({PERSON})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ACCOUNTS, SECOND_FACTORS, API_TOKENS, ORGANIZATIONS, SESSIONS, KEYS, OUTBOX):
        op.execute(statements)
    for table, owns in OWNERS.items():
        op.execute(wall(table, owns))
    op.execute(OWN_MEMBERSHIPS)
