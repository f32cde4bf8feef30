"""Accounts at other issuers: whose they are, sign-ins on their way, the sessions that came of them, logouts told.

Secrets are kept as hashes alone; an ID token, which the issuer wants back at logout, is sealed.
"""

from alembic import op

revision, down_revision = "0007", "0006"

# A subject of an issuer is one account, and an account is one subject of an issuer: an address that was given to
# somebody else there opens nothing here.
IDENTITIES = """
CREATE TABLE sso_identity (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id BIGINT NOT NULL,
    issuer VARCHAR(500) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    mapped_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_sso_identity PRIMARY KEY (id),
    CONSTRAINT uq_sso_identity_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT uq_sso_identity_issuer_user_id UNIQUE (issuer, user_id),
    CONSTRAINT uq_sso_identity_id_user_id UNIQUE (id, user_id),
    CONSTRAINT fk_sso_identity_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_sso_identity_user_id ON sso_identity (user_id);
"""

FLOWS = """
CREATE TABLE sso_flow (
    state_hash BYTEA NOT NULL,
    browser_hash BYTEA NOT NULL,
    provider VARCHAR(50) NOT NULL,
    redirect_uri VARCHAR(2000) NOT NULL,
    app_state VARCHAR(512),
    code_challenge VARCHAR(43),
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_sso_flow PRIMARY KEY (state_hash),
    CONSTRAINT ck_sso_flow_hashes CHECK (octet_length(state_hash) = 32 AND octet_length(browser_hash) = 32)
);
CREATE INDEX ix_sso_flow_expires_at ON sso_flow (expires_at);
CREATE TABLE sso_code (
    hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    identity_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    provider VARCHAR(50) NOT NULL,
    sid VARCHAR(255),
    amr TEXT[] NOT NULL,
    id_token BYTEA NOT NULL,
    code_challenge VARCHAR(43),
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_sso_code PRIMARY KEY (hash),
    CONSTRAINT ck_sso_code_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_sso_code_identity_id FOREIGN KEY (identity_id, user_id)
        REFERENCES sso_identity (id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_sso_code_identity_id_user_id ON sso_code (identity_id, user_id);
CREATE INDEX ix_sso_code_expires_at ON sso_code (expires_at);
"""

SESSIONS = """
CREATE TABLE sso_session (
    session_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    identity_id UUID NOT NULL,
    provider VARCHAR(50) NOT NULL,
    sid VARCHAR(255),
    amr TEXT[] NOT NULL,
    id_token BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_sso_session PRIMARY KEY (session_id),
    CONSTRAINT fk_sso_session_session_id FOREIGN KEY (session_id, user_id)
        REFERENCES session (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_sso_session_identity_id FOREIGN KEY (identity_id, user_id)
        REFERENCES sso_identity (id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_sso_session_identity_id_sid ON sso_session (identity_id, sid);
"""

# What an issuer told to be over, by the hash of its name: logout tokens that were used, its sessions, its subjects.
LOGOUTS = """
CREATE TABLE sso_logout (
    hash BYTEA NOT NULL,
    told_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_sso_logout PRIMARY KEY (hash),
    CONSTRAINT ck_sso_logout_hash CHECK (octet_length(hash) = 32)
);
CREATE INDEX ix_sso_logout_expires_at ON sso_logout (expires_at);
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
PERSON = f"user_id = nullif(current_setting('app.user_id', true), '')::bigint OR {SYSTEM}"
OWNERS = {
    "sso_identity": PERSON,
    "sso_session": PERSON,
    "sso_flow": SYSTEM,
    "sso_code": SYSTEM,
    "sso_logout": SYSTEM,
}


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (IDENTITIES, FLOWS, SESSIONS, LOGOUTS):
        op.execute(statements)
    for table, owns in OWNERS.items():
        op.execute(wall(table, owns))
