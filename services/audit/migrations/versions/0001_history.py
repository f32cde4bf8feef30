"""The audit log and the access log, partitioned by month, and the inbox of their consumers.

The log tables: specified columns first, what is added after created_at. Cross-schema references are plain ids.
"""

from alembic import op

from libs.inbox import DDL as INBOX

revision, down_revision = "0001", None

TABLES = """
CREATE TABLE audit_log (
    log_id BIGSERIAL NOT NULL,
    user_id BIGINT,
    action VARCHAR(100) NOT NULL,
    target_entity VARCHAR(100),
    target_id BIGINT,
    details JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID,
    request_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_id UUID NOT NULL,
    PRIMARY KEY (log_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE access_log (
    log_id BIGSERIAL NOT NULL,
    user_id BIGINT,
    ip_address INET,
    user_agent TEXT,
    path VARCHAR(255) NOT NULL,
    status_code INT NOT NULL,
    response_time_ms INT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    request_id TEXT NOT NULL,
    duration_us BIGINT NOT NULL,
    response_bytes BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (log_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX ix_audit_log_created_at ON audit_log USING brin (created_at);
CREATE INDEX ix_access_log_created_at ON access_log USING brin (created_at);
CREATE INDEX ix_audit_log_organization_id ON audit_log (organization_id, created_at DESC, log_id DESC);
CREATE INDEX ix_access_log_organization_id ON access_log (organization_id, created_at DESC, log_id DESC);
"""

# Row-level security on the parents and, should somebody name one, on each partition. The app reads and appends
# through the parents alone; nothing that was logged can be changed by it.
WALL = """
CREATE FUNCTION wall(name regclass) RETURNS void LANGUAGE plpgsql SET search_path = history, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format($policy$
        CREATE POLICY tenant ON %1$s
        USING (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
               OR current_setting('app.system', true) = 'on')
        WITH CHECK (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
               OR current_setting('app.system', true) = 'on')
    $policy$, name);
    EXECUTE format('REVOKE ALL ON %s FROM history_app', name);
END $$;
"""

# A month's table is filled with what the default partition holds of it and only then attached: creating it in place
# would lock the parent against readers and be refused for such rows. app.system lets the owner past its own policies.
PARTITIONS = """
CREATE FUNCTION make_partition(parent text, month date) RETURNS boolean LANGUAGE plpgsql
SET search_path = history, pg_temp AS $$
DECLARE
    child text := parent || to_char(month, '_YYYY_MM');
    begins timestamptz := month::timestamp AT TIME ZONE 'UTC';
    ends timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', child, parent);
    PERFORM wall(child::regclass);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE created_at >= %L AND created_at < %L RETURNING *)'
                   ' INSERT INTO %I SELECT * FROM moved', parent || '_default', begins, ends, child);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, begins, ends);
    RETURN true;
END $$;
CREATE FUNCTION make_partitions(months integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = history, pg_temp AS $$
DECLARE
    this_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
    before text := current_setting('app.system', true);
    made integer := 0;
    parent text;
BEGIN
    PERFORM set_config('app.system', 'on', true);
    PERFORM pg_advisory_xact_lock(7238002);
    FOREACH parent IN ARRAY ARRAY['audit_log', 'access_log'] LOOP
        FOR ahead IN 0..least(months, 120) LOOP
            made := made + make_partition(parent, (this_month + make_interval(months => ahead))::date)::integer;
        END LOOP;
    END LOOP;
    PERFORM set_config('app.system', before, true);
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION wall(regclass), make_partition(text, date), make_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partitions(integer) TO history_app;
"""

FILL = """
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE TABLE access_log_default PARTITION OF access_log DEFAULT;
SELECT wall('audit_log'), wall('access_log'), wall('audit_log_default'), wall('access_log_default');
GRANT SELECT, INSERT ON audit_log, access_log TO history_app;
SELECT make_partitions(3);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (TABLES, WALL, PARTITIONS, FILL, INBOX):
        op.execute(statements)
