"""Rows of the tests' own service."""

import uuid
from typing import Any

from sqlalchemy import func, select

from libs.database import Database, Tenant
from tests.libs.database.ledger.entries.models import Entry


def tenant(user_id: int = 7) -> Tenant:
    """A user of a new organization."""
    return Tenant(user_id, str(uuid.uuid4()))


async def add(database: Database, who: Tenant, **values: Any) -> uuid.UUID:
    """Note something for the tenant; the new row's id."""
    entry = Entry(organization_id=uuid.UUID(who.organization_id), **values)
    async with database.transaction(who) as session:
        session.add(entry)
    return entry.id


async def count(database: Database, who: Tenant) -> int:
    """How many rows the tenant sees."""
    async with database.transaction(who) as session:
        return int(await session.scalar(select(func.count()).select_from(Entry)) or 0)
