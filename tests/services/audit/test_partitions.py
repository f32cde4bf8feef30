"""Months become partitions ahead of time; rows out of all months wait in the default one."""

import datetime as dt
import uuid

import psycopg
import pytest
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.settings import DatabaseSettings
from services.audit.audit_log.models import AuditLog
from services.audit.audit_log.operations import record
from services.audit.partitions import MONTHS_AHEAD, Partitions
from tests.libs.waiting import eventually, running
from tests.services.audit.builders import Api, caller, organization
from tools.stack import parts

INDEXES = {"audit_log": 5, "access_log": 4}  # the key, the time, the organization, the person; audit: the target


async def test_this_month_and_three_more_are_there(database: Database) -> None:
    for table in ("audit_log", "access_log"):
        names = await partitions(database, table)
        assert {f"{table}_default", *(f"{table}_{ahead(number):%Y_%m}" for number in range(4))} <= names


async def test_making_them_again_changes_nothing(database: Database) -> None:
    before = await partitions(database, "audit_log")

    assert await Partitions(database).make(MONTHS_AHEAD) == 0

    assert await partitions(database, "audit_log") == before


@pytest.mark.parametrize("moment", [dt.datetime(1999, 12, 31, 23, 59, tzinfo=dt.UTC), "far"], ids=str)
async def test_a_row_out_of_all_months_is_kept_and_listed(moment: object, database: Database, api: Api) -> None:
    when = moment if isinstance(moment, dt.datetime) else ahead(400)

    ours = await kept(database, when)

    assert await home(database, ours) == "audit_log_default"
    assert len((await api.audit_logs(caller(ours))).items) == 1


async def test_rows_move_out_of_the_default_partition_when_their_month_is_made(database: Database, api: Api) -> None:
    month = ahead(12)
    early, late = await kept(database, month), await kept(database, month + dt.timedelta(days=27))
    assert await home(database, early) == "audit_log_default"

    await Partitions(database).make(12)

    assert await home(database, early) == await home(database, late) == f"audit_log_{month:%Y_%m}"
    assert len((await api.audit_logs(caller(early))).items) == 1


async def test_a_new_partition_has_the_wall_and_the_indexes(database: Database) -> None:
    await Partitions(database).make(7)

    async with database.transaction(SYSTEM) as session:
        walled = text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:name)")
        indexed = text("SELECT count(*) FROM pg_index WHERE indrelid = to_regclass(:name)")
        for table, indexes in INDEXES.items():
            name = {"name": f"{table}_{ahead(7):%Y_%m}"}
            assert await session.scalar(walled, name) is True
            assert await session.scalar(indexed, name) == indexes
        open_tables = text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'history'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert set(await session.scalars(open_tables)) == {"inbox", "alembic_version"}


async def test_the_loop_makes_what_is_missing(
    postgres: parts.Postgres, settings: DatabaseSettings, database: Database
) -> None:
    name = f"access_log_{ahead(3):%Y_%m}"
    drop(postgres, settings, f"DROP TABLE history.{name}")

    async with running(Partitions(database)):
        await eventually(lambda: there(database, name))


def drop(postgres: parts.Postgres, settings: DatabaseSettings, statement: str) -> None:
    database = settings.dsn.get_secret_value().rpartition("/")[2]
    with psycopg.connect(postgres.dsn(database=database), autocommit=True) as connection:
        connection.execute(statement.encode())


async def there(database: Database, name: str) -> bool:
    return name in await partitions(database, "access_log")


async def partitions(database: Database, table: str) -> set[str]:
    async with database.transaction(SYSTEM) as session:
        query = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:table)")
        return set(await session.scalars(query, {"table": table}))


async def kept(database: Database, moment: dt.datetime) -> str:
    """A new organization with one row of that moment."""
    ours = organization()
    row = AuditLog(
        action="video.ready",
        user_id=7,
        created_at=moment,
        organization_id=uuid.UUID(ours),
        request_id="",
        source="media",
        event_id=uuid.uuid4(),
    )
    async with database.transaction(SYSTEM) as session:
        record(session, row)
    return ours


async def home(database: Database, organization_id: str) -> str:
    async with database.transaction(SYSTEM) as session:
        query = text("SELECT tableoid::regclass::text FROM audit_log WHERE organization_id = :id")
        return str(await session.scalar(query, {"id": organization_id}))


def ahead(months: int) -> dt.datetime:
    """The first moment of the month that lies so many after this one."""
    now = dt.datetime.now(dt.UTC)
    years, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    return dt.datetime(years, month + 1, 1, tzinfo=dt.UTC)
