"""Lists: filters, order, pages and cursors over a whitelist of columns."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from orrery.types.v1.types_pb2 import ListQuery
from sqlalchemy import select, text

from libs.database import Database, Listing, Tenant
from libs.database.cursors import encode_cursor
from libs.database.listing import DEEPEST
from libs.database.values import ListRefused
from tests.libs.database.ledger.entries.models import Entry
from tests.libs.database.listing import NAMES, SORTABLE, page, where
from tests.libs.database.rows import tenant

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
ROWS: list[dict[str, Any]] = [
    {"id": uuid.UUID(ID), "title": "Alpha one", "number": 1, "real": 0.5, "at": NOON, "note": None},
    {"title": "beta ONE", "number": 2, "real": -1.5, "at": NOON, "note": "50% off", "is_open": False},
    {"title": "Gamma_two", "number": 2, "small": 9, "big": 2**40, "at": NOON + dt.timedelta(hours=1), "note": ""},
    {"title": "", "number": -7, "big": -(2**62), "at": NOON - dt.timedelta(days=9), "note": "alpha\\%_"},
]


@pytest.fixture(scope="module")
async def ours(database: Database) -> Tenant:
    made = tenant()
    async with database.transaction(made) as session:
        session.add_all(Entry(organization_id=uuid.UUID(made.organization_id), **row) for row in ROWS)
    return made


def places(rows: Sequence[Entry]) -> set[int]:
    """Which of ROWS these are."""
    return {number for number, row in enumerate(ROWS) if row["title"] in {found.title for found in rows}}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("id", "eq", ID), {0}),
        (("id", "eq", ID.upper()), {0}),
        (("id", "ne", ID), {1, 2, 3}),
        (("title", "contains", "ONE"), {0, 1}),
        (("title", "contains", "a_t"), {2}),
        (("title", "starts_with", "g"), {2}),
        (("title", "eq", ""), {3}),
        (("title", "in", "Alpha one,Gamma_two"), {0, 2}),
        (("note", "contains", "%"), {1, 3}),
        (("note", "contains", "\\%_"), {3}),
        (("note", "ne", "50% off"), {0, 2, 3}),
        (("note", "eq", ""), {2}),
        (("number", "in", "1,-7"), {0, 3}),
        (("number", "gt", "1"), {1, 2}),
        (("number", "lte", "-7"), {3}),
        (("small", "eq", "9"), {2}),
        (("big", "eq", str(2**40)), {2}),
        (("big", "lt", "0"), {3}),
        (("real", "gte", "0.5"), {0}),
        (("real", "lt", "-1e0"), {1}),
        (("isOpen", "eq", "false"), {1}),
        (("isOpen", "ne", "false"), {0, 2, 3}),
        (("isOpen", "gt", "false"), {0, 2, 3}),
        (("isOpen", "in", "true,false"), {0, 1, 2, 3}),
        (("at", "eq", "2026-11-21T13:00:00+01:00"), {0, 1}),
        (("at", "gt", "2026-11-21T12:00:00Z"), {2}),
        (("at", "lt", "2026-11-21"), {3}),
        (("at", "lt", "0001-01-01T00:00:00+14:00"), set()),
        (("at", "lt", "9999-12-31T23:59:59-14:00"), {0, 1, 2, 3}),
    ],
    ids=str,
)
async def test_a_condition_finds_what_it_says(
    condition: tuple[str, str, str], found: set[int], database: Database, ours: Tenant
) -> None:
    rows, pagination = await page(database, ours, where(condition))

    assert places(rows) == found
    assert pagination.total == len(found)


@pytest.mark.parametrize(
    ("name", "op", "value", "words"),
    [
        ("nothing", "eq", "1", "There is no such filter; there are id, title"),
        ("", "eq", "1", "no such filter"),
        ("organizationId", "eq", ID, "no such filter"),
        ("title", "regex", "x", "operator"),
        ("title", "__class__", "x", "operator"),
        ("number", "starts_with", "1", "operator"),
        ("isOpen", "contains", "true", "operator"),
        ("number", "eq", "1.0", "whole number"),
        ("number", "eq", "1_000", "whole number"),
        ("number", "eq", "", "whole number"),
        ("number", "eq", " 1", "whole number"),
        ("number", "eq", "+1", "whole number"),
        ("number", "eq", "--1", "whole number"),
        ("number", "eq", "²", "whole number"),
        ("number", "eq", str(2**31), "too large"),
        ("number", "gt", str(-(2**31) - 1), "too large"),
        ("small", "eq", "32768", "too large"),
        ("big", "eq", str(2**63), "too large"),
        ("real", "eq", "nan", "number"),
        ("real", "eq", "inf", "number"),
        ("real", "eq", "1e999", "number"),
        ("real", "eq", "1_0", "number"),
        ("isOpen", "eq", "TRUE", "true or false"),
        ("isOpen", "eq", "1", "true or false"),
        ("id", "eq", "not-a-uuid", "UUID"),
        ("id", "in", f"{ID},", "UUID"),
        ("at", "eq", "noon", "RFC 3339"),
        ("at", "eq", "2026-02-30", "RFC 3339"),
        ("at", "eq", "0000-01-01", "RFC 3339"),
        ("title", "eq", "a\0b", "cannot be filtered"),
        ("title", "contains", "x" * 1001, "cannot be filtered"),
        ("price", "eq", "1.5", "cannot be filtered"),
    ],
)
async def test_a_wrong_condition_is_refused_with_its_name(
    name: str, op: str, value: str, words: str, database: Database, ours: Tenant
) -> None:
    with pytest.raises(ListRefused) as refused:
        await page(database, ours, where((name, op, value)))

    [violation] = refused.value.violations
    assert violation.field == f"filter[{name}]"
    assert words in violation.message


async def test_more_values_than_a_list_takes_are_refused(database: Database, ours: Tenant) -> None:
    with pytest.raises(ListRefused) as refused:
        await page(database, ours, where(("number", "in", ",".join(["1"] * 101))))

    assert "at most 100" in refused.value.violations[0].message


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("one", {0, 1}),
        ("ONE alpha", {0}),
        ("one off", {1}),
        ("  one   BETA ", {1}),
        ("%", {1, 3}),
        ("nowhere", set()),
        ("   ", {0, 1, 2, 3}),
    ],
)
async def test_each_word_of_a_search_is_somewhere(
    words: str, found: set[int], database: Database, ours: Tenant
) -> None:
    rows, _ = await page(database, ours, where(search=words))

    assert places(rows) == found


async def test_a_list_without_searchable_columns_refuses_a_search(database: Database, ours: Tenant) -> None:
    listing = Listing(columns=NAMES, sortable=SORTABLE, order="-at", key="id")
    async with database.transaction(ours) as session:
        with pytest.raises(ListRefused, match="parameters"):
            await listing.page(session, select(Entry), where(search="x"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (where(limit=101), "limit"),
        (where(limit=-5), "limit"),
        (where(page=-1), "page"),
        (where(page=5001), "page"),
        (where(sort=["price"]), "sort"),
        (where(sort=["id"]), "sort"),
        (where(sort=[""]), "sort"),
        (where(sort=["-"]), "sort"),
        (where(cursor="x"), "cursor"),
        (where(cursor="!!!!"), "cursor"),
        (where(cursor="bnVsbA"), "cursor"),
        (where(cursor=encode_cursor([("at", True), ("id", True)], ["noon", ID])), "cursor"),
        (where(cursor=encode_cursor([("at", True), ("id", True)], ["2026-01-01", "no-uuid"])), "cursor"),
        (where(cursor=encode_cursor([("at", False), ("id", False)], ["2026-01-01", ID])), "cursor"),
    ],
    ids=lambda value: str(value).replace("\n", " ")[:50],
)
async def test_wrong_pages_orders_and_cursors_are_refused(
    query: ListQuery, name: str, database: Database, ours: Tenant
) -> None:
    with pytest.raises(ListRefused) as refused:
        await page(database, ours, query)

    assert refused.value.violations[0].field == name


async def test_a_page_beyond_the_last_is_empty(database: Database, ours: Tenant) -> None:
    rows, pagination = await page(database, ours, where(page=9, limit=2))

    assert rows == []
    assert (pagination.total, pagination.total_pages, pagination.has_prev, pagination.has_next) == (4, 2, True, False)


async def test_an_empty_list_has_no_pages(database: Database) -> None:
    rows, pagination = await page(database, tenant(), where())

    assert rows == []
    assert (pagination.total, pagination.total_pages, pagination.has_prev, pagination.has_next) == (0, 0, False, False)
    assert not pagination.HasField("next_cursor")


async def test_more_rows_than_pages_reach_are_not_counted(database: Database) -> None:
    many = tenant()
    filled = text(
        "INSERT INTO entry (organization_id, user_id, title, small, number, big, real, is_open)"
        " SELECT CAST(:id AS uuid), 0, '', 0, n, 0, 0, true FROM generate_series(1, :rows) n"
    )
    async with database.transaction(many) as session:
        await session.execute(filled, {"id": many.organization_id, "rows": DEEPEST + 1})

    _, few = await page(database, many, where(("number", "lte", "5")))
    rows, all_of_them = await page(database, many, where())

    assert few.total == 5
    assert len(rows) == 20
    assert not all_of_them.HasField("total")
    assert not all_of_them.HasField("total_pages")
    assert all_of_them.has_next
