"""The jobs behind deletions and exports."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from orrery.auth.privacy.v1 import events_pb2 as events

from libs import outbox
from libs.blobs import Blobs
from libs.database import SYSTEM, Database
from libs.database.removals import RemovalsHeld, removing
from libs.errors import Refusal
from libs.jobs import Lease, Task
from services.auth.mails import Letter, post
from services.auth.privacy import archive, operations
from services.auth.privacy.archive import Source
from services.auth.privacy.models import ExportState
from services.auth.privacy.repository import Erasures, Exports

KEPT = timedelta(days=7)
HOUR = 3600
AT_ONCE = 100
ATTEMPTS = 300  # a day of a service being away


def export_key(user_id: int, export_id: UUID) -> str:
    """Where an archive lies."""
    return f"exports/{user_id}/{export_id}.zip"


class OwnSource:
    """What auth itself keeps, without what proves who somebody is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, user_id: int) -> AsyncIterator[tuple[str, bytes]]:
        async with self._database.transaction(SYSTEM) as session:
            found = [row async for row in Erasures(session).rows_of(user_id)]
        for table, row in found:
            yield table, row.encode() + b"\n"


class Privacy:
    """The tasks, bound to what they work on."""

    def __init__(self, database: Database, blobs: Blobs, sources: Mapping[str, Source]) -> None:
        self._database, self._blobs = database, blobs
        self._sources: dict[str, Source] = {"account": OwnSource(database), **sources}

    def tasks(self) -> dict[str, Task]:
        """The kinds of jobs of the queue."""
        return {
            operations.ERASE: Task(self.erase, attempts=ATTEMPTS),
            operations.EXPORT: Task(self.export, self.give_up, attempts=ATTEMPTS),
            operations.SWEEP: Task(self.sweep, every_seconds=HOUR),
        }

    async def erase(self, lease: Lease) -> None:
        """Forget the payload's person; their archives first, for afterwards nobody knows of them."""
        user_id: int = lease.payload["user_id"]
        async with removing(self._database):
            await self._blobs.remove_prefix(f"exports/{user_id}/")
        async with self._database.transaction(SYSTEM) as session:
            await operations.erase(session, user_id)
            await lease.complete(session)

    async def export(self, lease: Lease) -> None:
        """Gather the archive, store it, and only then say that it is there."""
        user_id, export_id = lease.payload["user_id"], UUID(lease.payload["export_id"])
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            file = Path(folder, "archive.zip")
            size = await archive.write(file, self._sources, user_id)
            await self._blobs.upload(export_key(user_id, export_id), file, "application/zip")
        async with self._database.transaction(SYSTEM) as session:
            account = await Erasures(session).account(user_id)
            if account and await Exports(session).end(export_id, ExportState.READY, size, KEPT):
                ready = events.ExportReady(user_id=user_id, export_id=str(export_id), size=size)
                outbox.publish(session, ready, key=str(user_id), by=lease)
                values = {"username": account.username, "link": f"/account/exports/{export_id}"}
                await post(session, Letter(account.email, "export_ready", values=values))
            await lease.complete(session)

    async def give_up(self, lease: Lease, refusal: Refusal | None) -> None:
        """Say that there will be no archive."""
        async with self._database.transaction(SYSTEM) as session:
            await Exports(session).end(UUID(lease.payload["export_id"]), ExportState.FAILED)
            await lease.complete(session)

    async def sweep(self, lease: Lease) -> None:
        """Remove archives whose time is over; while a backup runs, an hour later."""
        with suppress(RemovalsHeld):
            async with removing(self._database):
                while await self._sweep_some():
                    continue

    async def _sweep_some(self) -> int:
        async with self._database.transaction(SYSTEM) as session:
            over = [(one.user_id, one.id) for one in await Exports(session).expired(AT_ONCE)]
        for user_id, export_id in over:
            await self._blobs.remove_prefix(export_key(user_id, export_id))
        return len(over)
