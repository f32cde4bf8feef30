"""Owners, roles and invitations of organizations; what users say of themselves.

Triggers keep four promises whichever release writes: each organization has the two system roles, its first ADMIN owns
it, a sign-in is noted, and what changes of an account changes the version of whatever shows it. A member's role is one
of the organization's: the foreign key takes the place of the CHECK, follows a new name, and keeps a role that somebody
has. Both new foreign keys are validated by a later revision.
"""

from alembic import op

revision, down_revision = "0005", "0004"

ROLES = """
CREATE TABLE organization_role (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    organization_id UUID NOT NULL,
    name VARCHAR(50) NOT NULL,
    name_key VARCHAR(200) NOT NULL,
    description VARCHAR(500) NOT NULL DEFAULT '',
    is_system BOOLEAN NOT NULL DEFAULT FALSE,
    permissions JSONB NOT NULL DEFAULT '[]',
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_organization_role PRIMARY KEY (id),
    CONSTRAINT uq_organization_role_name UNIQUE (organization_id, name),
    CONSTRAINT uq_organization_role_name_key UNIQUE (organization_id, name_key),
    CONSTRAINT ck_organization_role_system CHECK (is_system = (name IN ('ADMIN', 'OPERATOR'))),
    CONSTRAINT fk_organization_role_organization_id
        FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE
);
CREATE FUNCTION make_system_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organization_role (organization_id, name, name_key, description, is_system, permissions) VALUES
        (NEW.id, 'ADMIN', 'admin', 'May do everything in the organization.', TRUE,
         '[{"resource": "*", "actions": ["create", "read", "update", "delete"]}]'),
        (NEW.id, 'OPERATOR', 'operator', 'May do everything but manage the organization.', TRUE,
         '[{"resource": "*", "actions": ["create", "read", "update", "delete"]}]');
    RETURN NULL;
END $$;
CREATE TRIGGER make_system_roles AFTER INSERT ON organization FOR EACH ROW EXECUTE FUNCTION make_system_roles();
INSERT INTO organization_role (organization_id, name, name_key, description, is_system, permissions)
SELECT organization.id, made.name, lower(made.name), made.description, TRUE,
       '[{"resource": "*", "actions": ["create", "read", "update", "delete"]}]'
FROM organization, (VALUES ('ADMIN', 'May do everything in the organization.'),
                           ('OPERATOR', 'May do everything but manage the organization.')) made (name, description);
"""

MEMBERS = """
ALTER TABLE organization_member ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE organization_member ADD CONSTRAINT fk_organization_member_role FOREIGN KEY (organization_id, role)
    REFERENCES organization_role (organization_id, name) ON UPDATE CASCADE NOT VALID;
-- The foreign key asks for more than the constraint did.
-- squawk-ignore ban-drop-constraint
ALTER TABLE organization_member DROP CONSTRAINT ck_organization_member_role;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_organization_member_organization_id_role ON organization_member (organization_id, role);
"""

OWNERS = """
ALTER TABLE organization ADD COLUMN version BIGINT NOT NULL DEFAULT 1, ADD COLUMN owner_id BIGINT;
UPDATE organization SET owner_id = (
    SELECT user_id FROM organization_member m WHERE m.organization_id = organization.id AND m.role = 'ADMIN'
    ORDER BY created_at, user_id LIMIT 1
);
ALTER TABLE organization ADD CONSTRAINT fk_organization_owner_id FOREIGN KEY (id, owner_id)
    REFERENCES organization_member (organization_id, user_id) ON DELETE SET NULL (owner_id) NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_organization_owner_id ON organization (owner_id);
CREATE FUNCTION own_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organization SET owner_id = NEW.user_id WHERE id = NEW.organization_id AND owner_id IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER own_organization AFTER INSERT ON organization_member FOR EACH ROW
    WHEN (NEW.role = 'ADMIN') EXECUTE FUNCTION own_organization();
"""

INVITATIONS = """
CREATE TABLE organization_invitation (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    organization_id UUID NOT NULL,
    email VARCHAR(255) NOT NULL,
    role VARCHAR(50) NOT NULL,
    token_hash BYTEA NOT NULL,
    invited_by BIGINT,
    accepted_by BIGINT,
    expires_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_organization_invitation PRIMARY KEY (id),
    CONSTRAINT uq_organization_invitation_token_hash UNIQUE (token_hash),
    CONSTRAINT ck_organization_invitation_token_hash CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_organization_invitation_ended CHECK (accepted_at IS NULL OR revoked_at IS NULL),
    CONSTRAINT fk_organization_invitation_organization_id
        FOREIGN KEY (organization_id) REFERENCES organization (id) ON DELETE CASCADE,
    CONSTRAINT fk_organization_invitation_role FOREIGN KEY (organization_id, role)
        REFERENCES organization_role (organization_id, name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT fk_organization_invitation_invited_by
        FOREIGN KEY (invited_by) REFERENCES user_account (user_id) ON DELETE SET NULL,
    CONSTRAINT fk_organization_invitation_accepted_by
        FOREIGN KEY (accepted_by) REFERENCES user_account (user_id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX ix_organization_invitation_open ON organization_invitation (organization_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX ix_organization_invitation_organization_id_role ON organization_invitation (organization_id, role);
CREATE INDEX ix_organization_invitation_invited_by ON organization_invitation (invited_by);
CREATE INDEX ix_organization_invitation_accepted_by ON organization_invitation (accepted_by);
"""

# metadata is text and not jsonb: a client's document comes back byte by byte.
PROFILES = """
CREATE TABLE user_profile (
    user_id BIGINT NOT NULL,
    first_name VARCHAR(100),
    last_name VARCHAR(100),
    avatar VARCHAR(2048),
    metadata TEXT NOT NULL DEFAULT '{}',
    last_login_at TIMESTAMPTZ,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT pk_user_profile PRIMARY KEY (user_id),
    CONSTRAINT ck_user_profile_metadata CHECK (octet_length(metadata) <= 16384),
    CONSTRAINT fk_user_profile_user_id FOREIGN KEY (user_id) REFERENCES user_account (user_id) ON DELETE CASCADE
);
INSERT INTO user_profile (user_id, last_login_at)
SELECT user_id, max(created_at) FROM session GROUP BY user_id;
CREATE FUNCTION note_login() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_profile (user_id, last_login_at) VALUES (NEW.user_id, NEW.created_at)
    ON CONFLICT (user_id) DO UPDATE SET last_login_at = greatest(user_profile.last_login_at, excluded.last_login_at);
    RETURN NULL;
END $$;
CREATE TRIGGER note_login AFTER INSERT ON session FOR EACH ROW EXECUTE FUNCTION note_login();
"""

# A member and a user are shown with their account: what changes there changes their version, in every organization.
VERSIONS = """
CREATE FUNCTION touch_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former TEXT := coalesce(current_setting('app.system', true), '');
BEGIN
    PERFORM set_config('app.system', 'on', true);
    UPDATE organization_member SET version = version + 1 WHERE user_id = NEW.user_id;
    PERFORM set_config('app.system', former, true);
    RETURN NULL;
END $$;
CREATE TRIGGER touch_memberships AFTER UPDATE OF username, display_name, email, is_active, email_verified_at
    ON user_account FOR EACH ROW EXECUTE FUNCTION touch_memberships();
CREATE TRIGGER touch_memberships AFTER INSERT OR UPDATE OF is_enabled
    ON user_2fa FOR EACH ROW EXECUTE FUNCTION touch_memberships();
"""

SYSTEM = "current_setting('app.system', true) = 'on'"
USER = "nullif(current_setting('app.user_id', true), '')::bigint"
ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::uuid"
WALLS = {
    "organization_role": f"organization_id = {ORGANIZATION} OR {SYSTEM}",
    "organization_invitation": f"organization_id = {ORGANIZATION} OR {SYSTEM}",
    "user_profile": f"user_id = {USER} OR {SYSTEM}",
}
# People see which organizations they belong to, whichever they act for; and whom they work with there.
SEEN = """
CREATE POLICY member ON organization FOR SELECT USING (EXISTS (
    SELECT FROM organization_member m WHERE m.organization_id = organization.id AND m.user_id = {user}
));
"""
COLLEAGUES = """
CREATE POLICY colleague ON {table} FOR SELECT USING (EXISTS (
    SELECT FROM organization_member m WHERE m.user_id = {table}.user_id AND m.organization_id = {organization}
));
"""


def wall(table: str, owns: str) -> str:
    """Nobody, the owner of the table included, sees or writes rows that are not theirs."""
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {table} USING ({owns}) WITH CHECK ({owns});
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SELECT set_config('app.system', 'on', true)")  # what fills the new tables reads behind the walls
    for statements in (ROLES, MEMBERS, OWNERS, INVITATIONS, PROFILES, VERSIONS, SEEN.format(user=USER)):
        op.execute(statements)
    for table, owns in WALLS.items():
        op.execute(wall(table, owns))
    for table in ("user_account", "user_2fa", "user_profile"):
        op.execute(COLLEAGUES.format(table=table, organization=ORGANIZATION))
