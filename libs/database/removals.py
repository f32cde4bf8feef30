"""Removing what lies outside the database and is named in it, without taking it away from under a backup.

A backup first takes its snapshot and then copies the objects that the snapshot names. Meanwhile nothing of them may be
removed: it holds a lock of PostgreSQL, and whoever removes shares that lock. A backup that dies loses it with its
connection; one that hangs loses it by a time limit of its session (admin/backup/hold.py).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from libs.database.engine import CONNECT_SECONDS, Database, away
from libs.database.locks import Lock
from libs.errors import Unavailable


class RemovalsHeld(Unavailable):
    """A backup is copying; what was to be removed is removed after it."""

    def __init__(self) -> None:
        super().__init__("A backup is being taken; nothing is removed meanwhile.")


@asynccontextmanager
async def removing(database: Database) -> AsyncIterator[None]:
    """While this is open no backup begins to copy; raises RemovalsHeld while one does, DatabaseAway.

    It takes a connection of its own: the removal may last, and a pool of few would run dry.
    """
    try:
        connection: psycopg.AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
            database.dsn, autocommit=True, connect_timeout=CONNECT_SECONDS
        )
    except psycopg.OperationalError as failure:
        raise away(failure) from failure
    async with connection:
        if not await shares(connection):
            raise RemovalsHeld
        yield


async def shares(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether the connection has a share of the lock now; it goes with the connection."""
    try:
        found = await connection.execute("SELECT pg_try_advisory_lock_shared(%s)", [Lock.REMOVALS])
        return bool((await found.fetchall())[0][0])
    except psycopg.OperationalError as failure:
        raise away(failure) from failure
