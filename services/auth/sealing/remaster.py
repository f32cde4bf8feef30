"""Putting the data keys under another master key, or under the newest version of the same one in a vault."""

from libs.database import SYSTEM, Database
from services.auth.sealing import operations
from services.auth.sealing.cipher import SealBroken
from services.auth.sealing.masters import Master
from services.auth.sealing.models import DataKey
from services.auth.sealing.repository import DataKeys


async def remaster(database: Database, masters: list[Master]) -> int:
    """Wrap every data key by the first master; answers how many. It may be broken off and started again.

    Raises MasterAway, MasterKeyUnusable, and SealBroken where a key opens with none of the masters.
    """
    async with database.transaction(SYSTEM) as session:
        rows = await DataKeys(session).all()
    changed = 0
    for row in rows:
        secret = await unwrapped(masters, row)
        wrapped, name = await masters[0].wrap(secret, operations.purpose(row.id)), await masters[0].id()
        async with database.transaction(SYSTEM) as session:
            changed += await DataKeys(session).rewrap(row, wrapped, name)
    return changed


async def unwrapped(masters: list[Master], row: DataKey) -> bytes:
    for master in masters:
        if await master.id() == row.sealed_by:
            return await master.unwrap(row.sealed_key, operations.purpose(row.id))
    raise SealBroken(f"data key {row.id} is wrapped by the master key {row.sealed_by}, which is not given")
