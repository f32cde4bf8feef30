"""Every SELECT of data keys and of what they sealed, and the conditional UPDATEs that decide their races."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import column, func, literal, select, table, update

from libs.database import Session
from libs.database.locks import Lock
from services.auth.sealing.models import DataKey, State
from services.auth.sealing.registry import SealedColumn


class DataKeys:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def lock(self) -> None:
        """Let one transaction at a time make keys; the others wait."""
        await self._session.execute(select(func.pg_advisory_xact_lock(Lock.DATA_KEYS)))

    async def all(self) -> list[DataKey]:
        """Every key, the newest first."""
        query = select(DataKey).order_by(DataKey.activates_at.desc(), DataKey.id)
        return list(await self._session.scalars(query))

    async def waiting(self) -> DataKey | None:
        """The key that does not seal yet."""
        return await self._session.scalar(select(DataKey).where(DataKey.activates_at > func.now()).limit(1))

    async def add(self, key_id: UUID, wrapped: bytes, sealed_by: str, after: timedelta) -> None:
        """Keep a key that seals after so long."""
        key = DataKey(id=key_id, sealed_key=wrapped, sealed_by=sealed_by, activates_at=func.now() + after)
        self._session.add(key)
        await self._session.flush()

    async def rewrap(self, key: DataKey, wrapped: bytes, sealed_by: str) -> bool:
        """Put the same key under another master; False where it was wrapped anew since it was read."""
        is_it = DataKey.id == key.id, DataKey.sealed_key == key.sealed_key
        changed = update(DataKey).where(*is_it).values(sealed_key=wrapped, sealed_by=sealed_by)
        return await self._session.scalar(changed.returning(DataKey.id)) is not None

    async def retire(self, newest: UUID) -> list[UUID]:
        """Note that nothing is sealed by the keys before this one any more; answers their ids."""
        began = select(DataKey.activates_at).where(DataKey.id == newest).scalar_subquery()
        is_older = DataKey.id != newest, DataKey.activates_at < began, DataKey.state == State.LIVE
        retired = update(DataKey).where(*is_older).values(state=State.RETIRED).returning(DataKey.id)
        return list(await self._session.scalars(retired))


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A row's primary key, and what its sealed column holds: bytes, or base64 where the column is text."""

    key: Any
    stored: Any


class SealedRows:
    """The rows of one sealed column, of every tenant."""

    def __init__(self, session: Session, sealed: SealedColumn) -> None:
        self._session, self._sealed = session, sealed
        names = [sealed.key, sealed.column, *([sealed.sealed_by] if sealed.sealed_by else [])]
        self._table = table(sealed.table, *(column(name) for name in names))

    async def page(self, after: Any, size: int) -> list[SealedValue]:
        """The next rows that hold a value, by primary key; `after` is None for the first."""
        key, value = self._table.c[self._sealed.key], self._table.c[self._sealed.column]
        query = select(key, value).where(value.is_not(None)).order_by(key).limit(size)
        found = await self._session.execute(query.where(key > after) if after is not None else query)
        return [SealedValue(*row) for row in found]

    async def replace(self, old: SealedValue, stored: Any, sealed_by: str) -> bool:
        """Put the same secret sealed anew; False where the row was written, or deleted, since it was read."""
        key, value = self._table.c[self._sealed.key], self._table.c[self._sealed.column]
        values: Mapping[str, Any] = {self._sealed.column: stored}
        if self._sealed.sealed_by:
            values = {**values, self._sealed.sealed_by: sealed_by}
        changed = update(self._table).where(key == old.key, value == old.stored).values(values)
        return await self._session.scalar(changed.returning(literal(1))) is not None
