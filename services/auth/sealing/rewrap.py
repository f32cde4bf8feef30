"""Sealing anew what older keys sealed, while the service runs.

Each value is replaced by one conditional UPDATE: a value that somebody writes meanwhile is left to them. What is sealed
by the newest key already is skipped, so that a run that was broken off is simply started again.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from libs.database import SYSTEM, Database
from services.auth.sealing.cipher import SealBroken
from services.auth.sealing.errors import DataKeyWaiting, SealingNotReady
from services.auth.sealing.registry import COLUMNS, Encoding, SealedColumn
from services.auth.sealing.repository import DataKeys, SealedRows, SealedValue
from services.auth.sealing.ring import Ring

BATCH = 200  # rows a transaction, so that no lock is held for long


@dataclass
class Report:
    """What a run did. `broken` names rows that open with no known key, as `table.column key`."""

    rewritten: int = 0
    broken: set[str] = field(default_factory=set)
    retired: list[UUID] = field(default_factory=list)


async def rewrap(database: Database, ring: Ring, columns: tuple[SealedColumn, ...] = COLUMNS) -> Report:
    """Bring every value under the newest key; then older keys retire. Raises DataKeyWaiting while it waits to seal."""
    async with database.transaction(SYSTEM) as session:
        if waits := await DataKeys(session).waiting():
            raise DataKeyWaiting(f"{waits.activates_at:%FT%TZ}")
    report = Report()
    for column in columns:
        while await rewrap_column(database, ring, column, report):
            pass  # until a pass finds nothing: somebody may have sealed by an older key meanwhile
    if not report.broken:
        async with database.transaction(SYSTEM) as session:
            report.retired = await DataKeys(session).retire(ring.current().id)
    return report


async def rewrap_column(database: Database, ring: Ring, column: SealedColumn, report: Report) -> int:
    """One pass over a column; answers how many values it wrote anew."""
    before, last = report.rewritten, None
    while True:
        async with database.transaction(SYSTEM) as session:
            rows = SealedRows(session, column)
            page = await rows.page(last, BATCH)
            for value in page:
                anew = resealed(ring, column, value, report)
                if anew is not None:
                    report.rewritten += await rows.replace(value, anew, ring.id)
        if len(page) < BATCH:
            return report.rewritten - before
        last = page[-1].key


def resealed(ring: Ring, column: SealedColumn, value: SealedValue, report: Report) -> Any:
    """The value under the newest key, as its column stores it; None where it is already, or does not open."""
    try:
        sealed = decoded(column, value.stored)
        if ring.is_current(sealed):
            return None
        purpose = column.purpose(value.key)
        return encoded(column, ring.seal(ring.unseal(sealed, purpose), purpose))
    except (SealBroken, SealingNotReady):
        report.broken.add(f"{column.table}.{column.column} {value.key}")
        return None


def decoded(column: SealedColumn, stored: Any) -> bytes:
    if column.encoding is Encoding.BYTES:
        return bytes(stored)
    try:
        return base64.b64decode(stored, validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken("a sealed secret is no base64") from None


def encoded(column: SealedColumn, sealed: bytes) -> bytes | str:
    return sealed if column.encoding is Encoding.BYTES else base64.b64encode(sealed).decode()
