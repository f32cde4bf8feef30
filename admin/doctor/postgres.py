"""The server, the logins and what they may, the schemas, the outboxes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from admin.backup.server import is_half_restored
from admin.doctor.finding import Finding, fail, ok, warn
from admin.errors import Failed
from admin.messages import outboxes
from admin.messages.ages import spoken
from admin.schemas import ROOT, SCHEMAS
from admin.settings import PostgresSettings
from libs.database.reasons import reason
from libs.database.revisions import NoSchemaYet, newest, present

Connection = psycopg.Connection[Any]
CONNECT_SECONDS = 5
SKEW_SECONDS = 2.0  # more, and tokens of one node begin in another's future
OLD, STUCK = 60.0, 600.0  # seconds that an event waits in an outbox
RIGHTS = """
SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb,
       has_schema_privilege(oid, %(schema)s, 'USAGE'), has_schema_privilege(oid, %(schema)s, 'CREATE'),
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %(schema)s AND c.relowner = r.oid)
FROM pg_roles r WHERE rolname = current_user
"""
OPEN = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname <> 'outbox' -- its rows are on their way to everybody; only its own service can read it
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')
"""


def examine(postgres: PostgresSettings) -> Iterator[Finding]:
    """Ends after the first finding where no login works at all, or the schemas are half restored."""
    first = server(postgres, next(iter(SCHEMAS)))
    yield first
    if first.level != "FAIL":
        for schema in SCHEMAS:
            yield from one(postgres, schema)


def server(postgres: PostgresSettings, schema: str) -> Finding:
    """Whether it answers, with all that was there, and whether its clock is ours."""
    try:
        with connect(postgres, f"{schema}_app") as connection:
            is_restoring, asked = is_half_restored(connection), datetime.now(UTC)
            [[now, version]] = connection.execute("SELECT clock_timestamp(), split_part(version(), ' ', 2)").fetchall()
    except (psycopg.OperationalError, Failed) as away:
        advice = "compare ORRERY_POSTGRES__URL and the passwords; a fresh installation needs `orrery migrate`"
        return fail("postgres", reason(away).rstrip("."), advice)
    skew = abs((now - asked).total_seconds())
    if is_restoring:
        advice = "let it end, or run the same `orrery backup restore` again; start and migrate nothing before"
        return fail("restore", "it has begun and not ended: what is there is half of a backup", advice)
    if skew > SKEW_SECONDS:
        return warn("postgres", f"its clock differs from this machine's by {skew:.1f} s", "mend NTP on both")
    return ok("postgres", f"PostgreSQL {version} answers; clocks differ by {skew:.1f} s")


def one(postgres: PostgresSettings, schema: str) -> Iterator[Finding]:
    """A schema: logins and rights, revision, outbox."""
    try:
        with connect(postgres, f"{schema}_app") as app, connect(postgres, f"{schema}_owner") as owner:
            yield rights(schema, app, owner)
            yield revision(schema, owner)
    except (psycopg.Error, Failed) as refused:
        yield fail("roles", f"{schema}: {reason(refused).rstrip('.')}", "run `orrery migrate`; compare the passwords")
        return
    yield outbox(postgres, schema)


def rights(schema: str, app: Connection, owner: Connection) -> Finding:
    [[is_mighty, may_use, may_create, owns]] = app.execute(RIGHTS, {"schema": schema}).fetchall()
    wrong = {
        f"{schema}_app has rights of an administrator": is_mighty,
        f"{schema}_app may not use its schema": not may_use,
        f"{schema}_app may make tables": may_create,
        f"{schema}_app owns tables, so row-level security does not bind it": owns,
    }
    bare = [name for (name,) in owner.execute(OPEN, [schema]).fetchall()]
    found = [what for what, is_so in wrong.items() if is_so] + [f"{name} has no forced row security" for name in bare]
    if found:
        return fail("roles", f"{schema}: {'; '.join(found)}", "run `orrery migrate`, and undo what was granted by hand")
    return ok("roles", f"{schema}: owner and app sign in, with no more rights than they need")


def revision(schema: str, owner: Connection) -> Finding:
    needed = newest(ROOT / SCHEMAS[schema])
    try:
        found = present(owner)
    except NoSchemaYet:
        return fail("schema", f"{schema} is empty", "run `orrery migrate`")
    if found < needed:
        return fail("schema", f"{schema} is at {found}, this release needs {needed}", "run `orrery migrate`")
    if found > needed:
        return warn("schema", f"{schema} is at {found}, later than this release's {needed}", "finish the roll-out")
    return ok("schema", f"{schema} is at {found}")


def outbox(postgres: PostgresSettings, schema: str) -> Finding:
    found = outboxes.look(postgres, schema)
    if found is None:
        return ok("outbox", f"{schema} publishes nothing")
    if found.first is None or found.oldest_seconds < OLD:
        return ok("outbox", f"{schema}: {found.waiting} wait")
    what = f"{schema}: {found.waiting} wait, the oldest for {spoken(found.oldest_seconds)}"
    advice = f"read the log of {SCHEMAS[schema].name.replace('_', '-')} (relay_waits) and `orrery outbox status`"
    level = fail if found.oldest_seconds > STUCK else warn
    return level("outbox", f"{what}; first: {found.first['type']} at {found.first['position']}", advice)


def connect(postgres: PostgresSettings, role: str) -> Connection:
    return psycopg.connect(postgres.dsn(role), connect_timeout=CONNECT_SECONDS, autocommit=True)
