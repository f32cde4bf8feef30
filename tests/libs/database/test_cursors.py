"""Cursors go on where the last page ended, in any order."""

import datetime as dt
import math
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from libs.database import Database, Tenant
from libs.database.cursors import decode_cursor
from libs.database.values import ListRefused
from tests.libs.database.ledger.entries.models import Entry
from tests.libs.database.listing import LISTING, SORTABLE, where
from tests.libs.database.rows import tenant

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(SORTABLE), st.booleans()), max_size=3), st.integers(1, 5))
async def test_cursors_walk_the_whole_list_in_any_order(
    database: Database, walked: Tenant, order: list[tuple[str, bool]], limit: int
) -> None:
    sort, seen, cursor = [f"-{name}" if down else name for name, down in order], [], ""

    async with database.transaction(walked) as session:
        everything, _ = await LISTING.page(session, select(Entry), where(sort=sort, limit=100))
        for _ in everything:
            query = where(sort=sort, limit=limit, cursor=cursor)
            rows, pagination = await LISTING.page(session, select(Entry), query)
            seen += [row.id for row in rows]
            cursor = pagination.next_cursor
            if not cursor:
                break

    assert seen == [row.id for row in everything]
    assert len(seen) == 16


@pytest.fixture(scope="module")
async def walked(database: Database) -> Tenant:
    """16 rows with few distinct values, so that most of them tie."""
    made = tenant()
    async with database.transaction(made) as session:
        session.add_all(
            Entry(
                organization_id=uuid.UUID(made.organization_id),
                title="ab"[number % 2] * 2000,
                small=number % 3,
                number=-(number % 2),
                big=2**40 * (number % 2),
                real=math.pi * (number % 3) / 7,
                is_open=bool(number % 2),
                at=NOON + dt.timedelta(microseconds=number // 4),
            )
            for number in range(16)
        )
    return made


@given(st.text())
def test_no_cursor_raises_anything_but_a_refusal(cursor: str) -> None:
    with pytest.raises(ListRefused):
        decode_cursor(cursor, [("at", True), ("id", True)])
