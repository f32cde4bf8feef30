"""Adding and withdrawing keys, from the service's own loop and from the command line.

A key is generated before the transaction that keeps it: that takes half a second, and the lock is everybody's.
"""

import asyncio
from datetime import datetime

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.keys import operations
from services.auth.keys.material import generate
from services.auth.keys.operations import BELIEVED_FOR
from services.auth.keys.repository import SigningKeys
from services.auth.sealing import Sealer

log = get_logger(__name__)


async def rotate_when_due(database: Database, sealer: Sealer, now: datetime) -> None:
    """Make the first key, and the next one in time; forget those whose last token has expired."""
    async with database.transaction(SYSTEM) as session:
        keys = SigningKeys(session)
        due = operations.next_activation(await keys.live(), now)
        forgotten = await keys.forget(now - BELIEVED_FOR)
    if forgotten:
        log.info("keys_forgotten", kids=forgotten)
    if due is None:
        return
    made = await asyncio.to_thread(generate, sealer)
    async with database.transaction(SYSTEM) as session:
        added = await operations.add_if_due(session, made, now)
    if added:
        log.info("key_made", kid=made.kid)


async def rotate(database: Database, sealer: Sealer, now: datetime) -> datetime:
    """Publish a new key now; answers when it will sign. Raises KeyWaiting."""
    made = await asyncio.to_thread(generate, sealer)
    async with database.transaction(SYSTEM) as session:
        return await operations.rotate(session, made, now)


async def withdraw(database: Database, sealer: Sealer, kid: str, now: datetime) -> None:
    """Believe no token of this key any more, which has leaked; another one signs at once. Raises KeyNotFound."""
    made = await asyncio.to_thread(generate, sealer)
    async with database.transaction(SYSTEM) as session:
        await operations.withdraw(session, kid, made, now)
