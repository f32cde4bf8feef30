"""A list over every column of the ledger's entries."""

from typing import Any

from orrery.types.v1.types_pb2 import Filter, ListQuery, Pagination
from sqlalchemy import select

from libs.database import Database, Listing, Tenant
from tests.libs.database.ledger.entries.models import Entry

NAMES = {
    "id": Entry.id,
    "title": Entry.title,
    "small": Entry.small,
    "number": Entry.number,
    "big": Entry.big,
    "real": Entry.real,
    "isOpen": Entry.is_open,
    "at": Entry.at,
    "note": Entry.note,
    "price": Entry.price,
}
SORTABLE = ("title", "small", "number", "big", "real", "isOpen", "at")
LISTING = Listing(columns=NAMES, sortable=SORTABLE, order="-at", key="id", searchable=("title", "note"))


async def page(database: Database, who: Tenant, query: ListQuery) -> tuple[list[Entry], Pagination]:
    async with database.transaction(who) as session:
        return await LISTING.page(session, select(Entry), query)


def where(*conditions: tuple[str, str, str], **query: Any) -> ListQuery:
    return ListQuery(filters=[Filter(field=name, op=op, value=value) for name, op, value in conditions], **query)
