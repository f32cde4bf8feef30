"""OAuth clients, what people allow them, and what they hold: codes, grants, refresh tokens.

A grant is what one authorization gave: its id is its access tokens' sid, and code and refresh tokens end with it. It
acts for one membership, as a session does. A browser is somebody signed in on the authorization endpoint's pages.
"""

from alembic import op

revision, down_revision = "0006", "0005"

CLIENTS = """
CREATE TABLE oauth_client (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    number BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    organization_id UUID NOT NULL,
    created_by BIGINT,
    name VARCHAR(100) NOT NULL,
    redirect_uris TEXT[] NOT NULL,
    post_logout_redirect_uris TEXT[] NOT NULL,
    grant_types TEXT[] NOT NULL,
    scopes TEXT[] NOT NULL,
    is_public BOOLEAN NOT NULL,
    secret_hash BYTEA,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_oauth_client PRIMARY KEY (id),
    CONSTRAINT uq_oauth_client_number UNIQUE (number),
    CONSTRAINT ck_oauth_client_secret CHECK (is_public = (secret_hash IS NULL)),
    CONSTRAINT fk_oauth_client_organization_id
        FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_client_created_by
        FOREIGN KEY (created_by) REFERENCES user_account (user_id) ON DELETE SET NULL
);
CREATE INDEX ix_oauth_client_organization_id_created_at ON oauth_client (organization_id, created_at);
CREATE INDEX ix_oauth_client_created_by ON oauth_client (created_by);
CREATE TABLE oauth_consent (
    client_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    organization_id UUID NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_oauth_consent PRIMARY KEY (client_id, user_id),
    CONSTRAINT fk_oauth_consent_client_id FOREIGN KEY (client_id) REFERENCES oauth_client (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_consent_organization_id FOREIGN KEY (organization_id, user_id)
        REFERENCES organization_member (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_consent_organization_id_user_id ON oauth_consent (organization_id, user_id);
CREATE INDEX ix_oauth_consent_user_id_created_at ON oauth_consent (user_id, created_at);
"""

BROWSERS = """
CREATE TABLE oauth_browser (
    hash BYTEA NOT NULL,
    session_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    signed_in_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_oauth_browser PRIMARY KEY (hash),
    CONSTRAINT ck_oauth_browser_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_oauth_browser_session_id FOREIGN KEY (session_id, user_id)
        REFERENCES session (id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_browser_session_id_user_id ON oauth_browser (session_id, user_id);
CREATE INDEX ix_oauth_browser_expires_at ON oauth_browser (expires_at);
"""

GRANTS = """
CREATE TABLE oauth_grant (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    client_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    organization_id UUID NOT NULL,
    grant_type VARCHAR(50) NOT NULL,
    scopes TEXT[] NOT NULL,
    amr TEXT[] NOT NULL,
    signed_in_at TIMESTAMPTZ NOT NULL,
    address INET,
    user_agent VARCHAR(512) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    last_used_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_reason VARCHAR(50),
    CONSTRAINT pk_oauth_grant PRIMARY KEY (id),
    CONSTRAINT uq_oauth_grant_id_user_id UNIQUE (id, user_id),
    CONSTRAINT ck_oauth_grant_revoked CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
    CONSTRAINT fk_oauth_grant_client_id FOREIGN KEY (client_id) REFERENCES oauth_client (id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_grant_organization_id FOREIGN KEY (organization_id, user_id)
        REFERENCES organization_member (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_grant_client_id_user_id ON oauth_grant (client_id, user_id);
CREATE INDEX ix_oauth_grant_organization_id_user_id ON oauth_grant (organization_id, user_id);
CREATE INDEX ix_oauth_grant_user_id ON oauth_grant (user_id);
CREATE INDEX ix_oauth_grant_expires_at ON oauth_grant (expires_at);
CREATE TABLE oauth_code (
    hash BYTEA NOT NULL,
    grant_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    client_id UUID NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge VARCHAR(43) NOT NULL,
    nonce TEXT,
    used_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_oauth_code PRIMARY KEY (hash),
    CONSTRAINT ck_oauth_code_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_oauth_code_grant_id FOREIGN KEY (grant_id, user_id)
        REFERENCES oauth_grant (id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_code_grant_id_user_id ON oauth_code (grant_id, user_id);
CREATE TABLE oauth_refresh_token (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    hash BYTEA NOT NULL,
    grant_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    parent_id BIGINT,
    sealed_successor BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    used_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_oauth_refresh_token PRIMARY KEY (id),
    CONSTRAINT uq_oauth_refresh_token_hash UNIQUE (hash),
    CONSTRAINT uq_oauth_refresh_token_parent_id UNIQUE (parent_id),
    CONSTRAINT ck_oauth_refresh_token_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_oauth_refresh_token_grant_id FOREIGN KEY (grant_id, user_id)
        REFERENCES oauth_grant (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_oauth_refresh_token_parent_id
        FOREIGN KEY (parent_id) REFERENCES oauth_refresh_token (id) ON DELETE SET NULL
);
CREATE INDEX ix_oauth_refresh_token_grant_id_user_id ON oauth_refresh_token (grant_id, user_id);
CREATE INDEX ix_oauth_refresh_token_expires_at ON oauth_refresh_token (expires_at);
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"
TENANT = f"organization_id = nullif(current_setting('app.organization_id', true), '')::uuid OR {SYSTEM}"
OWNERS = {
    "oauth_client": TENANT,
    "oauth_consent": PERSON,
    "oauth_browser": PERSON,
    "oauth_grant": PERSON,
    "oauth_code": PERSON,
    "oauth_refresh_token": PERSON,
}


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (CLIENTS, BROWSERS, GRANTS):
        op.execute(statements)
    for table, owns in OWNERS.items():
        op.execute(wall(table, owns))
