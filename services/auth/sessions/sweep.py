"""Deletes what nobody can use any more, so that the tables do not grow for ever."""

import asyncio
from datetime import timedelta

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.sessions.repository import RefreshTokens, Sessions

log = get_logger(__name__)
EVERY_SECONDS = 3600.0
RETRY_SECONDS = 10.0
BATCH = 1_000  # rows a transaction, so that no lock is held for long
KEPT = timedelta(days=1)  # sessions, after their end


class Sweep:
    """A loop that is harmless in every replica."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Sweep every hour until cancelled; a database that is away or busy is asked again soon."""
        while True:
            try:
                while await self.batch():
                    pass
            except (ConnectionError, TimeoutError) as away:
                log.warning("sweep_waits", reason=str(away))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(EVERY_SECONDS)

    async def batch(self) -> int:
        """Delete some expired refresh tokens and sessions; answers how many."""
        async with self._database.transaction(SYSTEM) as session:
            swept = await RefreshTokens(session).forget(BATCH)
            swept += await Sessions(session).forget(KEPT, BATCH)
        if swept:
            log.info("sessions_swept", count=swept)
        return swept
