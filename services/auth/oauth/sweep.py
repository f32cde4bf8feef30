"""Deletes grants, refresh tokens that nobody can use any more; browsers and codes go with what they belong to."""

import asyncio
from datetime import timedelta

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.oauth.repository import Grants, RefreshTokens

log = get_logger(__name__)
EVERY_SECONDS = 3600.0
RETRY_SECONDS = 10.0
BATCH = 1_000  # rows a transaction, so that no lock is held for long
KEPT = timedelta(days=1)  # grants, after their end


class OAuthSweep:
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
                log.warning("oauth_sweep_waits", reason=str(away))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(EVERY_SECONDS)

    async def batch(self) -> int:
        """Delete some expired grants and refresh tokens; answers how many."""
        async with self._database.transaction(SYSTEM) as session:
            swept = await RefreshTokens(session).forget(BATCH)
            swept += await Grants(session).forget(KEPT, BATCH)
        if swept:
            log.info("grants_swept", count=swept)
        return swept
