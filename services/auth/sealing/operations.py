"""Making data keys. A key is wrapped before the transaction that keeps it: a vault may take its time."""

import os
from datetime import timedelta
from uuid import UUID, uuid4

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.sealing.cipher import KEY_BYTES
from services.auth.sealing.errors import DataKeyWaiting
from services.auth.sealing.masters import Master
from services.auth.sealing.repository import DataKeys

log = get_logger(__name__)
PUBLISHED_AHEAD = timedelta(seconds=60)  # four times as long as a process goes without looking for new keys


def purpose(key_id: UUID) -> str:
    """Binds a wrapped key to its row."""
    return f"data_key.sealed_key:{key_id}"


async def ensure_first(database: Database, master: Master) -> None:
    """Make the first key; of many processes that start at once, one does."""
    async with database.transaction(SYSTEM) as session:
        if await DataKeys(session).all():
            return
    key_id, wrapped, name = await made(master)
    async with database.transaction(SYSTEM) as session:
        keys = DataKeys(session)
        await keys.lock()
        if not await keys.all():
            await keys.add(key_id, wrapped, name, timedelta())
            log.info("data_key_made", id=str(key_id))


async def rotate(database: Database, master: Master) -> UUID:
    """Add a key that seals in a minute, when every process knows it. Raises DataKeyWaiting."""
    key_id, wrapped, name = await made(master)
    async with database.transaction(SYSTEM) as session:
        keys = DataKeys(session)
        await keys.lock()
        if waits := await keys.waiting():
            raise DataKeyWaiting(f"{waits.activates_at:%FT%TZ}")
        await keys.add(key_id, wrapped, name, PUBLISHED_AHEAD)
    return key_id


async def made(master: Master) -> tuple[UUID, bytes, str]:
    """A new key: its id, itself wrapped, and the name of the master that did."""
    key_id = uuid4()
    return key_id, await master.wrap(os.urandom(KEY_BYTES), purpose(key_id)), await master.id()
