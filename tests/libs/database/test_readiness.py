"""What a database says of itself while somebody has yet to migrate it, grant it or give the right password."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
import structlog
from prometheus_client import REGISTRY
from pydantic import SecretStr

from libs.database import Database, DatabaseAway, HotQuery, Tenant
from libs.database import provision as administer
from libs.settings import DatabaseSettings
from libs.telemetry import No
from tests.conftest import DatabaseFor
from tests.libs.database.rows import add, tenant
from tools.stack import parts

READ = HotQuery("SELECT title FROM entry")


@pytest.fixture(scope="module")
def guarded() -> Iterator[parts.Postgres]:
    """A server that asks for passwords."""
    with parts.Postgres.ephemeral(password="the administrator's") as server:
        yield server


@pytest.fixture
async def empty(postgres: parts.Postgres) -> AsyncIterator[Database]:
    """The app role of a schema that nobody has migrated."""
    administer.provision(postgres.dsn(), "unmigrated", "word", "word")
    async with Database(
        DatabaseSettings(dsn=SecretStr(postgres.dsn(user="unmigrated_app", password="word")))
    ) as opened:
        yield opened


@pytest.fixture
async def ungranted(database_for: DatabaseFor, postgres: parts.Postgres) -> AsyncIterator[Database]:
    """A migrated schema whose app role has lost its rights."""
    settings = database_for("ledger", "tests/libs/database/ledger")
    name = settings.dsn.get_secret_value().rpartition("/")[2]
    with psycopg.connect(postgres.dsn(database=name), autocommit=True) as administrator:
        administrator.execute("REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM ledger_app")
    async with Database(settings) as opened:
        yield opened


async def test_a_schema_without_tables_means_away_until_it_is_migrated(empty: Database) -> None:
    assert await empty.answers() == No('PostgreSQL: relation "alembic_version" does not exist')
    with pytest.raises(DatabaseAway, match='relation "entry" does not exist'):
        await add(empty, tenant())
    with pytest.raises(DatabaseAway, match='relation "entry" does not exist'):
        await READ.rows(empty, Tenant())


async def test_what_it_lacks_is_said_and_counted_by_each_way_of_asking(empty: Database, ungranted: Database) -> None:
    for opened, lack in ((empty, "table"), (ungranted, "right")):
        before = counted(lack)

        with structlog.testing.capture_logs() as logs:
            with pytest.raises(DatabaseAway) as transaction:
                await add(opened, tenant())
            with pytest.raises(DatabaseAway) as hot:
                await READ.rows(opened, Tenant())

        told = [(one["log_level"], one["lacks"], one["error"]) for one in logs if one["event"] == "database_unprepared"]
        assert told == [("error", lack, f"{away.value}".removeprefix("PostgreSQL: ")) for away in (transaction, hot)]
        assert counted(lack) == before + 2


def counted(lack: str) -> float:
    return REGISTRY.get_sample_value("orrery_database_unprepared_total", {"lacks": lack}) or 0.0


async def test_a_role_without_rights_is_told_so(ungranted: Database) -> None:
    assert await ungranted.answers() == No("PostgreSQL: permission denied for table alembic_version")
    with pytest.raises(DatabaseAway, match="permission denied for table entry"):
        await add(ungranted, tenant())
    with pytest.raises(DatabaseAway, match="permission denied for table entry"):
        await READ.rows(ungranted, Tenant())


@pytest.mark.parametrize(
    ("user", "database", "why"),
    [
        ("postgres", "orrery", 'PostgreSQL: password authentication failed for user "postgres"'),
        ("nobody", "orrery", 'PostgreSQL: password authentication failed for user "nobody"'),
    ],
)
async def test_a_wrong_password_is_the_reason_and_never_shown(
    user: str, database: str, why: str, guarded: parts.Postgres
) -> None:
    dsn = guarded.dsn(user=user, password="hunter2", database=database)

    async with Database(DatabaseSettings(dsn=SecretStr(dsn))) as opened:
        assert await opened.answers() == No(why)


async def test_the_password_may_come_from_its_own_variable(
    guarded: parts.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(guarded.dsn(), autocommit=True) as administrator:
        administrator.execute("CREATE TABLE alembic_version AS SELECT '0001' AS version_num")
    monkeypatch.setenv("PGPASSWORD", "the administrator's")
    bare = SecretStr(guarded.dsn().replace(f":{guarded.dsn().split(':')[2].split('@')[0]}@", "@"))

    async with Database(DatabaseSettings(dsn=bare)) as opened:
        assert await opened.answers() is True
        assert await HotQuery("SELECT 1").rows(opened, Tenant()) == [(1,)]
