"""Schemas, logins and migrations, made as an operator makes them: by `python -m libs.database`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from libs.database import provision as in_process
from libs.database.__main__ import main
from libs.database.migrate import upgrade
from tools.stack import parts

LEDGER = "tests/libs/database/ledger"
OWNER, APP = "owner's pass'word", "app's \"word"


@pytest.fixture(scope="module")
def server(postgres: parts.Postgres) -> Iterator[str]:
    """An empty database of its own; its administrator's DSN."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE provisioned")
    yield postgres.dsn(database="provisioned")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE provisioned WITH (FORCE)")


def job(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {f"ORRERY_MIGRATE__{name.upper()}": value for name, value in variables.items()}
    return subprocess.run(
        [sys.executable, "-m", "libs.database", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ".:gen", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def provision(server: str, schema: str) -> subprocess.CompletedProcess[str]:
    return job("provision", admin_dsn=server, schema_name=schema, owner_password=OWNER, app_password=APP)


def ask(dsn: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def as_role(server: str, role: str) -> str:
    return server.replace("postgres@", f"{role}@")


@pytest.fixture(scope="module")
def migrated(server: str) -> str:
    """The same with two migrated schemas, `other` and `probe`, of which the job made `probe` over again."""
    for schema in ("other", "probe"):
        in_process.provision(server, schema, OWNER, APP)
        upgrade(Path(LEDGER), as_role(server, f"{schema}_owner"))
    for done in (provision(server, "probe"), job("migrate", LEDGER, dsn=as_role(server, "probe_owner"))):
        assert done.returncode == 0, done.stderr
    return server


def test_provisioning_and_migrating_again_changes_nothing(migrated: str) -> None:
    tables = "SELECT tableowner FROM pg_tables WHERE schemaname = 'probe' AND tablename = 'entry'"

    assert ask(migrated, "SELECT version_num FROM probe.alembic_version") == [("0001",)]
    assert ask(migrated, tables) == [("probe_owner",)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE probe.mine (id INT)",
        "CREATE TABLE public.mine (id INT)",
        "DROP TABLE probe.entry",
        "ALTER TABLE probe.entry DISABLE ROW LEVEL SECURITY",
        "TRUNCATE probe.entry",
        "CREATE ROLE intruder",
        "SET ROLE probe_owner",
        "SELECT * FROM other.entry",
        "CREATE EXTENSION pg_trgm",
    ],
)
def test_the_app_role_has_rows_and_nothing_else(statement: str, migrated: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(as_role(migrated, "probe_app"), statement)


def test_no_role_of_ours_goes_around_row_level_security(migrated: str) -> None:
    roles = ask(
        migrated,
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles"
        " WHERE rolname LIKE 'probe%' ORDER BY 1",
    )

    assert roles == [("probe_app", False), ("probe_owner", False)]
    assert ask(as_role(migrated, "probe_owner"), "SELECT count(*) FROM entry") == [(0,)]


def test_a_schema_is_found_by_the_role_alone(migrated: str) -> None:
    assert ask(as_role(migrated, "probe_app"), "SHOW search_path") == [("probe",)]


def test_the_migrations_are_printed_as_sql_that_runs(server: str, postgres: parts.Postgres) -> None:
    in_process.provision(server, "printed", OWNER, APP)

    done = job("sql", LEDGER)

    assert done.returncode == 0, done.stderr
    assert "%%" not in done.stdout
    with psycopg.connect(as_role(server, "printed_owner"), autocommit=True) as connection:
        connection.execute(done.stdout.encode())
    assert ask(server, "SELECT version_num FROM printed.alembic_version") == [("0001",)]


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ((), {}, "The migration job"),
        (("conjure",), {}, "The migration job"),
        (("migrate",), {"dsn": "postgresql://x@127.0.0.1:1/x"}, "services/NAME"),
        (("migrate", "services/nowhere"), {"dsn": "postgresql://x@127.0.0.1:1/x"}, "services/nowhere"),
        (("migrate", LEDGER), {}, "ORRERY_MIGRATE__DSN"),
        (("provision",), {"admin_dsn": "postgresql://x@127.0.0.1:1/x"}, "ORRERY_MIGRATE__SCHEMA_NAME"),
        (("migrate", LEDGER), {"dns": "x"}, "did you mean ORRERY_MIGRATE__DSN?"),
        (("migrate", LEDGER), {"dsn": "postgresql://x:hunter2@127.0.0.1:1/x"}, "127.0.0.1"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_in_one_line(
    arguments: tuple[str, ...], variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"ORRERY_MIGRATE__{name.upper()}", value)

    with pytest.raises(SystemExit) as ended:
        main(list(arguments))

    assert words in str(ended.value)
    assert "hunter2" not in str(ended.value)


@pytest.fixture
def managed(postgres: parts.Postgres) -> Iterator[str]:
    """A database of an administrator who is no superuser, as those are that hosts give."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE ROLE manager LOGIN CREATEROLE")
        connection.execute("CREATE DATABASE managed OWNER manager")
    yield postgres.dsn(database="managed")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE managed WITH (FORCE)")
        connection.execute("DROP ROLE managed_app, managed_owner, manager")


def test_an_administrator_who_is_no_superuser_provisions_as_often_as_one_likes(managed: str) -> None:
    server = as_role(managed, "manager")

    for done in (provision(server, "managed"), provision(server, "managed")):
        assert done.returncode == 0, done.stderr

    upgrade(Path(LEDGER), as_role(managed, "managed_owner"))
    assert ask(as_role(managed, "managed_app"), "SELECT count(*) FROM managed.alembic_version") == [(1,)]


def test_a_login_that_was_given_more_rights_loses_them(managed: str) -> None:
    in_process.provision(managed, "managed", OWNER, APP)
    with psycopg.connect(managed, autocommit=True) as connection:
        connection.execute("ALTER ROLE managed_app BYPASSRLS CREATEDB")

    in_process.provision(managed, "managed", OWNER, APP)

    rights = "SELECT rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = 'managed_app'"
    assert ask(managed, rights) == [(False,)]
