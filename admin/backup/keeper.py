"""The role that backups read as: it sees every tenant's rows and writes none."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from admin.backup.errors import BackupImpossible
from libs.database.locks import Lock

READS_ALL = "pg_read_all_data"
CONNECT_SECONDS = 10
IS_ENOUGH = """
SELECT (rolsuper OR rolbypassrls) AND pg_has_role(oid, 'pg_read_all_data', 'USAGE') FROM pg_roles
WHERE rolname = current_user
"""


def make_keeper(admin_dsn: str, role: str, password: str) -> str:
    """Idempotent, and touches nothing where the role can read all already; the line of what was done.

    Raises BackupImpossible where the administrator may not make it.
    """
    if is_enough(make_conninfo(admin_dsn, user=role, password=password)):
        return f"{role}: backups can read as it"
    try:
        with psycopg.connect(admin_dsn, connect_timeout=CONNECT_SECONDS) as server:
            make(server, role, password)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise BackupImpossible(
            f"Backups cannot read as {role}, and the administrator may not make it ({refused.diag.message_primary}); "
            f"a superuser may: CREATE ROLE {role} LOGIN BYPASSRLS PASSWORD '…'; GRANT {READS_ALL} TO {role}."
        ) from None
    return f"{role}: made, for backups to read as"


def is_enough(dsn: str) -> bool:
    """Whether somebody gets in by this and sees all rows."""
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS) as server:
            return bool(server.execute(IS_ENOUGH).fetchall()[0][0])
    except psycopg.OperationalError:
        return False


def make(server: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    """All or nothing."""
    server.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.PROVISION])
    exists = server.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None
    names = {"role": sql.Identifier(role), "database": sql.Identifier(server.info.dbname)}
    verb = sql.SQL("ALTER" if exists else "CREATE")
    server.execute(sql.SQL("{} ROLE {} LOGIN BYPASSRLS PASSWORD {}").format(verb, names["role"], sql.Literal(password)))
    server.execute(sql.SQL("GRANT pg_read_all_data TO {role}").format(**names))
    server.execute(sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}").format(**names))
