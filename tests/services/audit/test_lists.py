"""Filters, operators, order and cursors of both logs."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

import pytest
from orrery.gateway.requests.v1.events_pb2 import RequestsServed
from orrery.identity.v1.identity_pb2 import Identity

from libs.database import SYSTEM, Database
from libs.errors import Invalid
from services.audit.access_log.consumers import as_json
from services.audit.access_log.operations import record as record_requests
from services.audit.audit_log.models import AuditLog
from services.audit.audit_log.operations import record
from tests.services.audit.builders import Api, asked, caller, organization, served

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
ACTIONS = ["video.uploaded", "video.ready", "video.failed", "session.started", "100%_odd\\name"]


@dataclass(frozen=True)
class Ours:
    """An organization with five rows in each log, one an hour: rows 0 and 1 are user 8's, the others user 7's."""

    id: str = field(default_factory=organization)

    @property
    def admin(self) -> Identity:
        return caller(self.id)


@pytest.fixture(scope="module")
async def ours(database: Database) -> Ours:
    made = Ours()
    await fill(database, made.id)
    await fill(database, organization())  # another's, which must never be seen
    return made


async def fill(database: Database, organization_id: str) -> None:
    requests = [
        served(
            organization_id=organization_id,
            user_id=8 if number < 2 else 7,
            status=(200, 201, 404, 500, 200)[number],
            method=("GET", "POST", "GET", "DELETE", "GET")[number],
            path=f"/p/{number}",
            request_id=f"r{number}",
            served_at_us=round((START + dt.timedelta(hours=number)).timestamp() * 1e6),
        )
        for number in range(5)
    ]
    async with database.transaction(SYSTEM) as session:
        for number in range(5):
            record(session, entry(organization_id, number))
        await record_requests(session, "gateway", as_json(RequestsServed(requests=requests)))


def entry(organization_id: str, number: int) -> AuditLog:
    return AuditLog(
        user_id=8 if number < 2 else 7,
        action=ACTIONS[number % 5],
        target_entity="video" if number < 3 else None,
        target_id=number + 10 if number < 3 else None,
        details={"number": number},
        created_at=START + dt.timedelta(hours=number),
        organization_id=uuid.UUID(organization_id),
        request_id=f"r{number}",
        source="media",
        event_id=uuid.uuid4(),
    )


AUDIT_FILTERS = [
    (("action", "eq", "video.ready"), "1"),
    (("action", "ne", "video.ready"), "0234"),
    (("action", "in", "video.ready,video.failed,none"), "12"),
    (("action", "contains", "VIDEO"), "012"),
    (("action", "contains", "%_odd\\"), "4"),
    (("action", "starts_with", "session"), "3"),
    (("action", "gt", "video"), "012"),
    (("targetEntity", "eq", "video"), "012"),
    (("targetEntity", "ne", "video"), "34"),
    (("targetId", "eq", "11"), "1"),
    (("targetId", "gte", "11"), "12"),
    (("targetId", "lt", "11"), "0"),
    (("targetId", "in", "10,12"), "02"),
    (("userId", "eq", "8"), "01"),
    (("userId", "lte", "7"), "234"),
    (("requestId", "eq", "r3"), "3"),
    (("createdAt", "gte", "2026-11-01T03:00:00Z"), "34"),
    (("createdAt", "lt", "2026-11-01T03:00:00+02:00"), "0"),
    (("createdAt", "lt", "2026-11-01T03:00:00 02:00"), "0"),
    (("createdAt", "eq", "2026-11-01"), "0"),
    (("action", "eq", "'; DROP TABLE audit_log; --"), ""),
]
ACCESS_FILTERS = [
    (("statusCode", "gte", "400"), "23"),
    (("statusCode", "in", "200,201"), "014"),
    (("statusCode", "ne", "200"), "123"),
    (("path", "starts_with", "/p/"), "01234"),
    (("path", "eq", "/p/2"), "2"),
    (("method", "in", "POST,DELETE"), "13"),
    (("userId", "eq", "8"), "01"),
    (("requestId", "contains", "R4"), "4"),
    (("timestamp", "lt", "2026-11-01T01:00:00Z"), "0"),
]
WRONG = [
    (asked(("colour", "eq", "red")), "filter[colour]", "There is no such filter"),
    (asked(("details", "eq", "x")), "filter[details]", "There is no such filter"),
    (asked(("organization_id", "eq", "x")), "filter[organization_id]", "There is no such filter"),
    (asked(("action", "like", "x")), "filter[action]", "operator"),
    (asked(("action", "", "x")), "filter[action]", "operator"),
    (asked(("userId", "contains", "7")), "filter[userId]", "operator"),
    (asked(("userId", "eq", "seven")), "filter[userId]", "whole number"),
    (asked(("userId", "eq", "7.0")), "filter[userId]", "whole number"),
    (asked(("userId", "eq", "\u0667")), "filter[userId]", "whole number"),
    (asked(("userId", "eq", "9" * 30)), "filter[userId]", "too large"),
    (asked(("userId", "in", "7,,8")), "filter[userId]", "whole number"),
    (asked(("createdAt", "gt", "yesterday")), "filter[createdAt]", "time"),
    (asked(("createdAt", "gt", "2026-13-01")), "filter[createdAt]", "time"),
    (asked(("action", "eq", "a\0b")), "filter[action]", "cannot be filtered"),
    (asked(("action", "eq", "x" * 2000)), "filter[action]", "cannot be filtered"),
    (asked(sort=["action"]), "sort", "createdAt"),
    (asked(sort=["--createdAt"]), "sort", "createdAt"),
    (asked(limit=101), "limit", "1 to 100"),
    (asked(limit=-1), "limit", "1 to 100"),
    (asked(page=-1), "page", "from 1"),
    (asked(page=2_000_000_000), "page", "from 1"),
    (asked(cursor="rubbish"), "cursor", "not one of ours"),
    (asked(cursor="WyItY3JlYXRlZEF0Il0"), "cursor", "not one of ours"),
    (asked(cursor="ÿ"), "cursor", "not one of ours"),
    (asked(search="video"), "search", "cannot be searched"),
]


@pytest.mark.parametrize(("condition", "found"), AUDIT_FILTERS, ids=str)
async def test_the_audit_log_is_filtered(condition: tuple[str, str, str], found: str, api: Api, ours: Ours) -> None:
    answer = await api.audit_logs(ours.admin, asked(condition, sort=["createdAt"]))

    assert "".join(row.request_id for row in answer.items) == "".join(f"r{number}" for number in found)
    assert answer.pagination.total == len(found)


@pytest.mark.parametrize(("condition", "found"), ACCESS_FILTERS, ids=str)
async def test_the_access_log_is_filtered(condition: tuple[str, str, str], found: str, api: Api, ours: Ours) -> None:
    answer = await api.logs(ours.admin, asked(condition, sort=["timestamp"]))

    assert "".join(row.request_id for row in answer.items) == "".join(f"r{number}" for number in found)


async def test_all_conditions_must_hold(api: Api, ours: Ours) -> None:
    both = asked(("userId", "eq", "7"), ("targetEntity", "eq", "video"))

    assert [row.request_id for row in (await api.audit_logs(ours.admin, both)).items] == ["r2"]


@pytest.mark.parametrize(("query", "name", "words"), WRONG, ids=lambda value: str(value)[:40])
async def test_a_wrong_question_is_refused_with_the_parameter_and_a_sentence(
    query: object, name: str, words: str, api: Api, ours: Ours
) -> None:
    with pytest.raises(Invalid) as refused:
        await api.audit_logs(ours.admin, query)  # type: ignore[arg-type]  # one of the table's

    [violation] = refused.value.violations
    assert violation.field == name
    assert words in violation.message


async def test_newest_come_first_and_a_page_says_where_it_stands(api: Api, ours: Ours) -> None:
    first = await api.audit_logs(ours.admin, asked(limit=2))
    last = await api.audit_logs(ours.admin, asked(limit=2, page=3))

    assert [row.request_id for row in first.items] == ["r4", "r3"]
    assert [row.request_id for row in last.items] == ["r0"]
    assert (first.pagination.total, first.pagination.total_pages) == (5, 3)
    assert (first.pagination.has_prev, first.pagination.has_next) == (False, True)
    assert (last.pagination.has_prev, last.pagination.has_next) == (True, False)


@pytest.mark.parametrize("sort", ["createdAt", "-createdAt"])
async def test_a_cursor_skips_and_repeats_nothing_while_rows_come(sort: str, api: Api, database: Database) -> None:
    made, seen = organization(), []
    moments = [START + dt.timedelta(seconds=number // 3) for number in range(20)]  # three rows share a moment
    async with database.transaction(SYSTEM) as session:
        for number, moment in enumerate(moments):
            row = entry(made, number)
            row.created_at = moment
            record(session, row)
    query = asked(limit=3, sort=[sort])

    while True:
        page = await api.audit_logs(caller(made), query)
        seen += [row.request_id for row in page.items]
        if not page.pagination.has_next:
            break
        query = asked(limit=3, sort=[sort], cursor=page.pagination.next_cursor)
        async with database.transaction(SYSTEM) as session:  # before all of them in this order
            row = entry(made, 99)
            row.created_at = START + dt.timedelta(days=-1 if sort == "createdAt" else 1)
            record(session, row)

    assert len(seen) == len(set(seen))
    assert set(seen) == {f"r{number}" for number in range(20)}


async def test_a_cursor_of_another_order_is_refused(api: Api, ours: Ours) -> None:
    cursor = (await api.audit_logs(ours.admin, asked(limit=1))).pagination.next_cursor

    with pytest.raises(Invalid, match="parameters") as refused:
        await api.audit_logs(ours.admin, asked(limit=1, sort=["createdAt"], cursor=cursor))

    assert "another order" in refused.value.violations[0].message
