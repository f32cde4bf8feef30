"""LISTEN as something to wait for; a lost connection only means waiting by the clock."""

import asyncio
from typing import Any, Self

import psycopg
from psycopg import sql

from libs.database.engine import Database
from libs.telemetry import get_logger

log = get_logger(__name__)
RECONNECT_SECONDS = 2.0


class Notifications:
    """Wakes `wait` when the channel is notified. Never raises for a store that is away: the wait then times out."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database, self._channel = database, channel
        self._happened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    def wake(self) -> None:
        """End the wait from here, as a notification would."""
        self._happened.set()

    async def wait(self, most_seconds: float) -> None:
        """Return at the next notification (or one since the last wait), at the latest after `most_seconds`."""
        try:
            async with asyncio.timeout(most_seconds):
                await self._happened.wait()
        except TimeoutError:
            return
        finally:
            self._happened.clear()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError) as lost:
                log.info("notifications_lost", channel=self._channel, error=str(lost).partition("\n")[0])
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        connection: psycopg.AsyncConnection[Any]
        async with await psycopg.AsyncConnection.connect(self._database.dsn, autocommit=True) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            self._happened.set()  # whatever came while nobody listened
            async for _ in connection.notifies():
                self._happened.set()
