"""The database as a backup sees it: which schemas are the fleet's, what they hold, and who asks."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from admin.backup.errors import BackupImpossible

Connection = psycopg.Connection[tuple[Any, ...]]
REVISION = "alembic_version"
RESTORING = "orrery_restore"  # the schema that is there from a restore's first change to its end

# What provisioning makes: a schema that belongs to the role <schema>_owner.
SCHEMAS = """
SELECT n.nspname::text, r.rolname = n.nspname || '_owner' FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') ORDER BY 1
"""
TABLES = """
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'm') ORDER BY 1
"""
EXTENSIONS = """
SELECT DISTINCT e.extname::text, home.nspname::text FROM pg_depend used
JOIN pg_class c ON used.classid = 'pg_class'::regclass AND c.oid = used.objid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_depend member ON member.classid = used.refclassid AND member.objid = used.refobjid AND member.deptype = 'e'
JOIN pg_extension e ON member.refclassid = 'pg_extension'::regclass AND e.oid = member.refobjid
JOIN pg_namespace home ON home.oid = e.extnamespace
WHERE n.nspname = %s
UNION
SELECT e.extname::text, n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname = %s
"""


def connect(dsn: str) -> Connection:
    """In autocommit. A server that hears nothing of this machine for a minute ends the session and its locks."""
    server = psycopg.connect(dsn, autocommit=True, connect_timeout=10, keepalives_idle=30, keepalives_interval=10)
    for name, value in (("tcp_keepalives_idle", 30), ("tcp_keepalives_interval", 10), ("tcp_keepalives_count", 3)):
        server.execute(sql.SQL("SET {} = {}").format(sql.SQL(name), sql.Literal(value)))
    server.execute("SET statement_timeout = 0")
    server.execute("SET idle_in_transaction_session_timeout = 0")
    server.execute("SET row_security = off")  # a query that would be shown less than everything fails
    return server


def check_reader(server: Connection) -> None:
    """Raise BackupImpossible where row-level security would hide rows from whoever asks."""
    role, may = server.execute(
        "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchall()[0]
    if not may:
        raise BackupImpossible(
            f"{role} does not see the rows of all tenants; ALTER ROLE {role} BYPASSRLS, or name a role that does."
        )


def schemas(server: Connection) -> tuple[list[str], list[str]]:
    """The fleet's, and those that are none of it."""
    found = server.execute(SCHEMAS).fetchall()
    return [name for name, ours in found if ours], [name for name, ours in found if not ours]


def is_half_restored(server: Connection) -> bool:
    """Whether a restore has begun and not ended; everybody may ask."""
    query = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)"
    return bool(server.execute(query, [RESTORING]).fetchall()[0][0])


def tables(server: Connection, schema: str) -> list[str]:
    """Those that hold rows themselves: a partitioned table's rows are its partitions'."""
    return [name for (name,) in server.execute(TABLES, [schema])]


def count(server: Connection, schema: str, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
    return int(server.execute(query).fetchall()[0][0])


def counts(server: Connection, schema: str) -> dict[str, int]:
    return {table: count(server, schema, table) for table in tables(server, schema)}


def extensions(server: Connection, schema: str) -> dict[str, str]:
    """What the schema uses or holds, each with the schema that it lies in."""
    return dict(server.execute(EXTENSIONS, [schema, schema]).fetchall())


def revision(server: Connection, schema: str) -> str:
    """Of its migrations; empty where it has none."""
    if REVISION not in tables(server, schema):
        return ""
    query = sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(schema, REVISION))
    return ", ".join(number for (number,) in server.execute(query))


def filled(server: Connection, names: list[str]) -> Mapping[str, int]:
    """The tables of these schemas that have rows already, beyond the number of their revision."""
    found = {f"{name}.{table}": rows for name in names for table, rows in counts(server, name).items()}
    return {table: rows for table, rows in found.items() if rows and not table.endswith(f".{REVISION}")}


def sessions(server: Connection, names: list[str]) -> Mapping[str, int]:
    """How many sessions each schema's login has in this database."""
    query = """SELECT usename::text, count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND usename = ANY (%s) GROUP BY 1 ORDER BY 1"""
    return dict(server.execute(query, [[f"{name}_app" for name in names]]).fetchall())
