"""Releases meet one schema: jobs at the same time, an older image, a killed job, pods that wait."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from libs.database import provision as administer
from libs.database.migrate import alone
from tests.libs.database.releases import CONCURRENTLY, CREATE, SLOW, Release, ended, line, until
from tools.stack import parts

LOOKED_FOR = """
SELECT current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval'),
       current_setting('tcp_keepalives_count')
"""
names = (f"trial{number}" for number in itertools.count())


class Schema:
    """A provisioned schema that nobody has migrated."""

    def __init__(self, server: parts.Postgres) -> None:
        self.name, self._server = next(names), server
        administer.provision(server.dsn(), self.name, "word", "word")

    def dsn(self, role: str) -> str:
        return self._server.dsn(user=f"{self.name}_{role}", password="word")

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._server.dsn(), autocommit=True) as connection:
            connection.execute(f"SET search_path = {self.name}".encode())
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def revision(self) -> str:
        return str(self.ask("SELECT version_num FROM alembic_version")[0][0])

    def is_asleep(self) -> bool:
        busy = "SELECT 1 FROM pg_stat_activity WHERE usename = '{}_owner' AND query LIKE '%pg_sleep%'"
        return bool(self.ask(busy.format(self.name)))


@pytest.fixture
def schema(postgres: parts.Postgres) -> Schema:
    return Schema(postgres)


@pytest.fixture(scope="module")
def guarded() -> Iterator[parts.Postgres]:
    """A server that asks for passwords."""
    with parts.Postgres.ephemeral(password="the administrator's") as server:
        yield server


def test_of_two_jobs_at_once_one_does_the_work_and_both_succeed(schema: Schema, tmp_path: Path) -> None:
    release = Release.made(tmp_path, CREATE, SLOW, CONCURRENTLY)

    jobs = [release.migrating(schema.dsn("owner")) for _ in range(2)]
    told = [ended(job) for job in jobs]

    assert [status for status, _, _ in told] == [0, 0], told
    assert sorted(line for _, out, _ in told for line in out.splitlines() if not line.startswith("waiting: ")) == [
        f"schema {schema.name} is at 0003 already",
        f"schema {schema.name} went from nothing to 0003",
    ]
    assert schema.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'thing_id'::regclass") == [(True,)]


def test_a_job_says_once_that_it_waits_for_another(schema: Schema, tmp_path: Path) -> None:
    with alone(schema.dsn("owner")):
        job = Release.made(tmp_path, CREATE).migrating(schema.dsn("owner"))
        said = line(job)

    assert said == f"waiting: somebody else migrates schema {schema.name}"
    assert ended(job) == (0, f"schema {schema.name} went from nothing to 0001\n", "")


def test_the_server_looks_for_the_machine_that_migrates(guarded: parts.Postgres) -> None:
    """A lock of one that vanished would be held for two hours, and every later migration would wait for it."""
    schema = Schema(guarded)
    with alone(schema.dsn("owner")) as connection:
        [(idle, every, times)] = connection.execute(LOOKED_FOR).fetchall()

    assert int(idle) + int(every) * int(times) <= 60


def test_an_older_image_leaves_a_later_schema_alone(schema: Schema, tmp_path: Path) -> None:
    newer, older = Release.made(tmp_path / "b", CREATE, SLOW), Release.made(tmp_path / "a", CREATE)
    assert ended(newer.migrating(schema.dsn("owner")))[0] == 0

    status, out, err = ended(older.migrating(schema.dsn("owner")))

    assert (status, err) == (0, "")
    assert out == f"schema {schema.name} is at 0002, later than this image's 0001; left alone\n"
    assert schema.revision() == "0002"
    assert ended(older.waiting(schema.dsn("app"))) == (0, "", "")


def test_after_a_killed_job_the_next_one_goes_on(schema: Schema, tmp_path: Path) -> None:
    held = 'op.execute("CREATE TABLE half (id INT)")\n    op.execute("SELECT pg_sleep(600) FROM gate")'
    gate = 'op.execute("CREATE TABLE gate AS SELECT 1 AS id")'
    release = Release.made(tmp_path, gate, held)
    job = release.migrating(schema.dsn("owner"))
    until(schema.is_asleep)

    job.kill()
    job.communicate()
    schema.ask("DELETE FROM gate")

    assert ended(release.migrating(schema.dsn("owner")))[1] == f"schema {schema.name} went from 0001 to 0002\n"
    assert schema.ask("SELECT count(*) FROM half") == [(0,)]


def test_a_pod_waits_until_its_schema_is_there_and_says_why_once(schema: Schema, tmp_path: Path) -> None:
    first, second = Release.made(tmp_path / "a", CREATE), Release.made(tmp_path / "b", CREATE, SLOW)
    pod = second.waiting(schema.dsn("app"))
    assert line(pod) == f"waiting: schema {schema.name} is empty, no schema yet; this image needs 0002"

    assert ended(first.migrating(schema.dsn("owner")))[0] == 0
    assert line(pod) == f"waiting: schema {schema.name} is at 0001, this image needs 0002"

    assert ended(second.migrating(schema.dsn("owner")))[0] == 0
    assert ended(pod) == (0, "", "")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://{role}@127.0.0.1:{port}/orrery", 'PostgreSQL: password authentication failed for user "{role}"'),
        ("postgresql://{role}@127.0.0.1:{port}/nowhere", 'PostgreSQL: database "nowhere" does not exist'),
        ("postgresql://{role}@127.0.0.1:1/orrery", 'server at "127.0.0.1", port 1 failed: Connection refused'),
        ("postgresql://{role}@nowhere.invalid:5432/orrery", "PostgreSQL: failed to resolve host 'nowhere.invalid'"),
    ],
    ids=["password", "database", "port", "host"],
)
def test_a_pod_says_why_postgresql_does_not_let_it_in(
    address: str, why: str, guarded: parts.Postgres, tmp_path: Path
) -> None:
    schema = Schema(guarded)
    told = {"role": f"{schema.name}_app", "port": str(guarded.port)}
    wrong = "wrong-secret" if "password" in why else "word"

    pod = Release.made(tmp_path, CREATE).waiting(address.format(**told), "--seconds", "1", PGPASSWORD=wrong)
    status, out, err = ended(pod)

    assert status == 1
    assert why.format(**told) in out
    assert out.startswith("waiting: ")
    assert out.count("\n") == 1
    assert err.startswith("waited in vain: ")
    assert "wrong-secret" not in out + err


def test_the_password_may_come_from_its_own_variable(guarded: parts.Postgres, tmp_path: Path) -> None:
    schema, release = Schema(guarded), Release.made(tmp_path, CREATE)
    assert ended(release.migrating(schema.dsn("owner")))[0] == 0
    address = schema.dsn("app").replace(":word@", "@")

    assert ended(release.waiting(address, PGPASSWORD="word")) == (0, "", "")


def test_a_role_without_rights_is_told_so(schema: Schema, tmp_path: Path) -> None:
    release = Release.made(tmp_path, CREATE)
    assert ended(release.migrating(schema.dsn("owner")))[0] == 0
    schema.ask(f"REVOKE ALL ON alembic_version FROM {schema.name}_app")

    _, out, _ = ended(release.waiting(schema.dsn("app"), "--seconds", "0"))

    assert out == "waiting: PostgreSQL: permission denied for table alembic_version\n"


@pytest.mark.parametrize(
    ("dsn", "options", "words"),
    [
        ("auth_app:hunter2@db", (), "an address of PostgreSQL is postgresql://role@host:port/database"),
        ("postgresql://app:hunter2@db:many/x", (), "an address of PostgreSQL is"),
        ("postgresql://app@127.0.0.1:1/x", ("--seconds", "soon"), "--seconds N"),
    ],
)
def test_a_wrong_call_of_wait_is_one_line(dsn: str, options: tuple[str, ...], words: str, tmp_path: Path) -> None:
    status, out, err = ended(Release.made(tmp_path, CREATE).waiting(dsn, *options))

    assert (status, out) == (1, "")
    assert words in err
    assert err.count("\n") == 1
    assert "hunter2" not in err
