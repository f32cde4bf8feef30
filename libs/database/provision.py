"""Makes a service's schema and its two logins; run by whoever administers the server, as often as one likes."""

from typing import LiteralString

import psycopg
from psycopg import sql

from libs.database.locks import Lock

LEAST = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
DEFAULTS = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
ROLE_SETTINGS = {
    "search_path": "{schema}",  # on the role, not the connection: it survives a transaction pooler
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}


def provision(admin_dsn: str, schema: str, owner_password: str, app_password: str) -> None:
    """Idempotent: <schema>_owner owns the schema and migrates it, <schema>_app reads and writes rows under RLS."""
    with psycopg.connect(admin_dsn, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [Lock.PROVISION])  # two provisions of one role would collide
        for role, password in ((f"{schema}_owner", owner_password), (f"{schema}_app", app_password)):
            make_role(server, role, password, schema)
        grant(server, schema)


def make_role(server: psycopg.Connection[tuple[object, ...]], role: str, password: str, schema: str) -> None:
    verb, rights = verb_and_rights(server, role)
    server.execute(
        sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(password)
        )
    )
    for name, value in ROLE_SETTINGS.items():
        setting = sql.Literal(value.format(schema=schema))
        server.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.SQL(name), setting))


def verb_and_rights(server: psycopg.Connection[tuple[object, ...]], role: str) -> tuple[LiteralString, LiteralString]:
    """A login has no right beyond its schema; only a superuser may say so of one that exists, even where it is so."""
    found = server.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = %s", (role,)
    ).fetchone()
    return ("CREATE" if found is None else "ALTER"), (LEAST if found is None or found[0] else "")


def grant(server: psycopg.Connection[tuple[object, ...]], schema: str) -> None:
    names = {
        "schema": sql.Identifier(schema),
        "owner": sql.Identifier(f"{schema}_owner"),
        "app": sql.Identifier(f"{schema}_app"),
        "database": sql.Identifier(server.info.dbname),
    }
    for statement in (
        "GRANT {owner} TO CURRENT_USER",
        "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {owner}, {app}",
        "GRANT USAGE ON SCHEMA {schema} TO {app}",
        f"{DEFAULTS} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{app}}",
        f"{DEFAULTS} GRANT USAGE, SELECT ON SEQUENCES TO {{app}}",
        "ALTER ROLE {owner} SET statement_timeout = 0",
        "ALTER ROLE {owner} SET client_connection_check_interval = '2s'",  # a killed migration's statement ends too
    ):
        server.execute(sql.SQL(statement).format(**names))
