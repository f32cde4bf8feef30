"""Forgetting a person: the one change that the logs allow.

The login may still read and append only. A function of the owner takes from a person's rows what says who they are or
where they were, and leaves what was done, when, and by which number. In details that is a fixed list of names, at the
first level of the document, of rows that are about the person or by them.

The indexes are made with writes held up, for a partitioned table knows no other way: the logs' only writers are
consumers, whose events wait in Kafka meanwhile.
"""

from alembic import op

revision, down_revision = "0003", "0002"

FORGETTING = """
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_audit_log_user_id ON audit_log (user_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_access_log_user_id ON access_log (user_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ix_audit_log_target ON audit_log (target_id) WHERE target_entity = 'user_account';
CREATE FUNCTION forget_person(person bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = history, pg_temp AS $$
DECLARE
    before text := current_setting('app.system', true);
    names text[] := ARRAY['username', 'previous_username', 'display_name', 'previous_display_name',
                          'email', 'previous_email', 'address', 'user_agent', 'name', 'first_name', 'last_name',
                          'login', 'payee'];
BEGIN
    PERFORM set_config('app.system', 'on', true);
    UPDATE audit_log SET address = '', details = details - names
    WHERE user_id = person OR (target_entity = 'user_account' AND target_id = person);
    UPDATE access_log SET ip_address = NULL, user_agent = NULL WHERE user_id = person;
    PERFORM set_config('app.system', before, true);
END $$;
REVOKE ALL ON FUNCTION forget_person(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_person(bigint) TO history_app;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FORGETTING)
