"""Deletes what nobody can use any more, so that the tables do not grow for ever."""

import asyncio
from datetime import timedelta

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.api_tokens import repository as api_tokens
from services.auth.passkeys.repository import Challenges
from services.auth.platforms.repository import States
from services.auth.recovery.repository import Proofs
from services.auth.sessions.repository import RefreshTokens, Sessions
from services.auth.throttles.repository import Places, Throttles

log = get_logger(__name__)
EVERY_SECONDS = 3600.0
RETRY_SECONDS = 10.0
BATCH = 1_000  # rows a transaction, so that no lock is held for long
KEPT = timedelta(days=1)  # sessions, after their end
KEPT_TOKENS = timedelta(days=90)  # API tokens, which their owners see listed


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
            swept += await Proofs(session).forget(BATCH)
            swept += await Throttles(session).forget(BATCH)
            swept += await Places(session).forget(BATCH)
            swept += await Challenges(session).forget(BATCH)
            swept += await States(session).forget(BATCH)
            swept += await api_tokens.forget(session, KEPT_TOKENS, BATCH)
        if swept:
            log.info("sessions_swept", count=swept)
        return swept
