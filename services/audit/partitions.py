"""Keeps the coming months' partitions ready, so that no row has to wait in the default partition."""

import asyncio

from sqlalchemy import text

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger

log = get_logger(__name__)
MONTHS_AHEAD = 3
EVERY_SECONDS = 3600.0
RETRY_SECONDS = 10.0


class Partitions:
    """A loop that is harmless in every replica: what is there already is left alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Make partitions every hour until cancelled; a database that is away or busy is asked again soon."""
        while True:
            try:
                await self.make(MONTHS_AHEAD)
            except (ConnectionError, TimeoutError) as away:
                log.warning("partitions_wait", reason=str(away))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(EVERY_SECONDS)

    async def make(self, months_ahead: int) -> int:
        """Have a partition of this month and each of the next; answers how many were made.

        Rows of such a month that lay in the default partition move into it.
        """
        async with self._database.transaction(SYSTEM) as session:
            made = await session.scalar(text("SELECT make_partitions(:months)"), {"months": months_ahead})
        if made:
            log.info("partitions_made", count=made)
        return int(made or 0)
