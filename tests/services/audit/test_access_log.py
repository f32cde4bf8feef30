"""The gateway's batches become rows, whatever is in them."""

import datetime as dt
import uuid
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.kafka import Kafka
from tests.libs.waiting import eventually
from tests.services.audit.builders import Api, asked, batch, caller, organization, served

pytestmark = pytest.mark.usefixtures("consuming")
NOON = dt.datetime(2026, 11, 21, 12, 0, 0, 123456, dt.UTC)


async def test_a_request_is_shown_as_a_log_entry(kafka: Kafka, api: Api) -> None:
    ours = organization()
    request = served(organization_id=ours, status=404, duration_us=1_999, served_at_us=micros(NOON))

    await kafka.send([batch(request).record])

    who = caller(ours)
    entry = (await eventually(lambda: entries(api, who)))[0]
    assert entry.timestamp == "2026-11-21T12:00:00.123456Z"
    assert (entry.level, entry.message, entry.component) == ("warn", "GET /api/media/videos/5 404", "gateway")
    assert (entry.organization_id, entry.user_id, entry.request_id) == (ours, 7, request.request_id)
    assert orjson.loads(entry.metadata.json) == {
        "method": "GET",
        "path": "/api/media/videos/5",
        "route": "/api/media/videos/{videoId}",
        "statusCode": 404,
        "responseTimeMs": 1,
        "ipAddress": "192.0.2.7",
        "userAgent": "curl/8",
    }


async def test_a_batch_delivered_twice_leaves_its_rows_once(kafka: Kafka, api: Api) -> None:
    ours = organization()
    twice = batch(*(served(organization_id=ours) for _ in range(3)))
    last = batch(served(organization_id=ours, method="LAST"))

    await kafka.send([twice.record, twice.record, last.record])

    who = caller(ours)
    await eventually(lambda: entries(api, who, ("method", "eq", "LAST")))
    assert len(await entries(api, who)) == 4


@pytest.mark.parametrize(
    ("changed", "column", "kept"),
    [
        ({"address": "not an address"}, "ip_address::text", None),
        ({"address": ""}, "ip_address::text", None),
        ({"address": "1.2.3"}, "ip_address::text", None),
        ({"address": "fe80::1%eth0"}, "ip_address::text", "fe80::1/128"),
        ({"address": "2001:db8::7"}, "ip_address::text", "2001:db8::7/128"),
        ({"path": "/" + "ä" * 400}, "path", "/" + "ä" * 254),
        ({"path": "/a\0b"}, "path", "/ab"),
        ({"user_agent": 'a "quoted", {braced} \\ text'}, "user_agent", 'a "quoted", {braced} \\ text'),
        ({"user_agent": "NULL"}, "user_agent", "NULL"),
        ({"user_agent": "x\0y"}, "user_agent", "xy"),
        ({"user_agent": ""}, "user_agent", ""),
        ({"user_id": 0}, "user_id", None),
        ({"organization_id": ""}, "organization_id", None),
        ({"duration_us": 2**62}, "response_time_ms", 2**31 - 1),
        ({"response_bytes": 2**62}, "response_bytes", 2**62),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
async def test_no_value_of_a_request_loses_the_row(
    changed: dict[str, Any], column: str, kept: object, kafka: Kafka, database: Database
) -> None:
    request = served(request_id=str(uuid.uuid4()), **changed)
    query = text(f"SELECT {column} FROM access_log WHERE request_id = :id")  # noqa: S608  # the table above

    async def row() -> tuple[object, ...] | None:
        async with database.transaction(SYSTEM) as session:
            found = (await session.execute(query, {"id": request.request_id})).one_or_none()
            return tuple(found) if found else None

    await kafka.send([batch(served(), request, served()).record])

    assert await eventually(row) == (kept,)


async def test_an_empty_batch_is_nothing(kafka: Kafka, api: Api) -> None:
    ours = organization()

    await kafka.send([batch().record, batch(served(organization_id=ours)).record])

    assert await eventually(lambda: entries(api, caller(ours)))


async def test_anonymous_requests_belong_to_no_tenant(kafka: Kafka, api: Api, database: Database) -> None:
    ours = organization()
    nobody = served(user_id=0, organization_id="", request_id=str(uuid.uuid4()))

    await kafka.send([batch(nobody, served(organization_id=ours)).record])

    who = caller(ours)
    await eventually(lambda: entries(api, who))
    assert not await entries(api, who, ("requestId", "eq", nobody.request_id))


async def entries(api: Api, who: Any, *filters: tuple[str, str, str]) -> Any:
    return list((await api.logs(who, asked(*filters))).items)


def micros(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
