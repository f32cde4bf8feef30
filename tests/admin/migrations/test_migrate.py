"""`orrery migrate` on an empty database, again, by halves and against what is not there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from admin.schemas import SCHEMAS
from tests.admin.cli import here, orrery
from tools.stack import layout, parts


def test_the_schemas_are_those_of_the_fleet() -> None:
    assert layout.load({}).schemas == SCHEMAS


def test_two_runs_at_once_make_every_schema_once_and_a_third_does_nothing(
    told: dict[str, str], tmp_path: Path, postgres: parts.Postgres, empty_database: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: orrery("migrate", told=told, folder=tmp_path), range(2)))

    again = orrery("migrate", told=told)

    assert [(one.status, one.err) for one in (*both, again)] == [(0, "")] * 3
    for schema in SCHEMAS:
        assert sum(f"schema {schema} went from nothing" in one.out for one in both) == 1
        assert f"schema {schema} is at" in again.out
    with psycopg.connect(postgres.dsn(database=empty_database)) as server:
        owned = server.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'alembic_version'")
        assert {name for (name,) in owned} == SCHEMAS.keys()


def test_one_schema_alone_is_migrated_without_the_administrator_where_provisioning_is_off(
    told_all: dict[str, str],
) -> None:
    nobody = {"ORRERY_POSTGRES__PROVISION": "false", "ORRERY_POSTGRES__ADMIN_USER": "nobody"}

    said = orrery("migrate", "--schema", "media", told={**told_all, **nobody})

    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("schema media is at")


@pytest.mark.parametrize(
    ("arguments", "changed", "sentence"),
    [
        (["--schema", "audit"], {}, "No schema is called audit; there are auth, media, ai, domain, history, control."),
        ([], {"ORRERY_POSTGRES__URL": "postgresql://x@h/db"}, "without a user"),
        ([], {"ORRERY_POSTGRES__PASSWORDS": "/nowhere"}, "The password of admin is not at /nowhere/admin"),
        ([], {"ORRERY_POSTGRES__ADMIN_USER": "nobody"}, "PostgreSQL refuses the login"),
        (["--wait-seconds", "0"], {"ORRERY_POSTGRES__URL": "postgresql://127.0.0.1:1/x"}, "did not answer within 0 s"),
        ([], {"ORRERY_POSTGRES__ADMIN_USR": "x"}, "did you mean ORRERY_POSTGRES__ADMIN_USER?"),
        (["--scheme", "auth"], {}, "No such option"),
    ],
    ids=["schema", "url", "passwords", "login", "away", "name", "option"],
)
def test_what_is_wrong_is_one_sentence(
    told: dict[str, str], arguments: list[str], changed: dict[str, str], sentence: str
) -> None:
    said = here("migrate", *arguments, told={**told, **changed})

    assert said.status == 1
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1


def test_without_a_server_in_the_environment_it_says_what_it_needs() -> None:
    said = orrery("migrate")

    assert (said.status, said.err) == (
        1,
        "This command needs ORRERY_POSTGRES__URL and ORRERY_POSTGRES__PASSWORDS in its environment.\n",
    )
