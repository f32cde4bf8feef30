"""Who sees which rows."""

import datetime as dt
import uuid

import pytest
from orrery.gateway.requests.v1.events_pb2 import RequestsServed
from sqlalchemy import text

from libs.database import SYSTEM, Database, Tenant
from libs.errors import Forbidden, Unauthenticated
from services.audit.access_log.consumers import as_json
from services.audit.access_log.operations import record as record_requests
from services.audit.audit_log.models import AuditLog
from services.audit.audit_log.operations import record
from tests.services.audit.builders import Api, asked, caller, organization, served


async def test_an_admin_sees_the_organization_and_others_themselves(api: Api, database: Database) -> None:
    ours = await an_organization(database, users=(7, 8))

    for roles, users in ((("ADMIN",), {7, 8}), (("OPERATOR",), {7}), ((), {7})):
        who = caller(ours, 7, roles=roles)
        assert {row.user_id for row in (await api.audit_logs(who)).items} == users
        assert {row.user_id for row in (await api.logs(who)).items} == users


async def test_a_filter_for_another_user_shows_who_is_no_admin_nothing(api: Api, database: Database) -> None:
    ours = await an_organization(database, users=(7, 8))
    who = caller(ours, 7, roles=("OPERATOR",))

    assert not (await api.audit_logs(who, asked(("userId", "eq", "8")))).items
    assert not (await api.logs(who, asked(("userId", "eq", "8")))).items


async def test_another_organization_sees_nothing(api: Api, database: Database) -> None:
    await an_organization(database, users=(7, 8))

    assert not (await api.audit_logs(caller(organization()))).items
    assert not (await api.logs(caller(organization()))).items


async def test_the_wall_stands_in_the_database_too(database: Database) -> None:
    ours = await an_organization(database, users=(7, 8))

    for table in ("audit_log", "access_log"):
        assert await seen(database, table, Tenant()) == 0
        assert await seen(database, table, Tenant(7, organization())) == 0
        assert await seen(database, table, Tenant(7, ours)) == 2


async def test_rows_of_another_organization_cannot_be_written(database: Database) -> None:
    with pytest.raises(Exception, match="row-level security"):
        async with database.transaction(Tenant(7, organization())) as session:
            record(session, row(organization(), 7))


@pytest.mark.parametrize("statement", ["UPDATE {} SET user_id = 1", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["audit_log", "access_log", "audit_log_default"])
async def test_what_is_logged_cannot_be_changed_by_the_service(statement: str, table: str, database: Database) -> None:
    with pytest.raises(Exception, match="permission denied"):
        async with database.transaction(SYSTEM) as session:
            await session.execute(text(statement.format(table)))


async def test_who_lacks_the_scope_or_an_organization_is_refused(api: Api) -> None:
    with pytest.raises(Forbidden, match="audit:read"):
        await api.audit_logs(caller(organization(), scopes=("media:read",)))
    with pytest.raises(Forbidden, match="no organization"):
        await api.logs(caller(""))
    with pytest.raises(Unauthenticated, match="Sign in"):
        await api.logs(caller(organization(), user_id=0))


async def an_organization(database: Database, users: tuple[int, ...]) -> str:
    """One with a row of each user in each log."""
    made = organization()
    async with database.transaction(SYSTEM) as session:
        for user in users:
            record(session, row(made, user))
        requests = [served(organization_id=made, user_id=user) for user in users]
        await record_requests(session, "gateway", as_json(RequestsServed(requests=requests)))
    return made


def row(organization_id: str, user_id: int) -> AuditLog:
    return AuditLog(
        user_id=user_id,
        action="video.ready",
        created_at=dt.datetime.now(dt.UTC),
        organization_id=uuid.UUID(organization_id),
        request_id="",
        source="media",
        event_id=uuid.uuid4(),
    )


async def seen(database: Database, table: str, tenant: Tenant) -> int:
    async with database.transaction(tenant) as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  # two names
