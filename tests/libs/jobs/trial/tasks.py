"""What the trial's jobs do: they write notes, so that a test can read who did what, and how often."""

import asyncio
import os
from dataclasses import dataclass

from sqlalchemy import text

from libs.database import Database, Session
from libs.errors import Invalid, Refusal, Unavailable
from libs.jobs import Lease, LeaseLost, Task
from libs.jobs.deferring import carried

QUEUE = "trial"
NOTE = text("INSERT INTO notes (kind, job_id, lease, pid, details) VALUES (:kind, :job_id, :lease, :pid, :details)")


class Broken(Invalid):
    def __init__(self) -> None:
        super().__init__("This file is broken.")


class StoreAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("The store is away.")


@dataclass(frozen=True)
class Tasks:
    """Bound to a database; each is one way for a job to go."""

    database: Database

    def all(self) -> dict[str, Task]:
        return {
            "effect": Task(self.effect, self.give_up, attempts=3),
            "no_effect": Task(self.no_effect),
            "fails": Task(self.fails, self.give_up, attempts=3, first_pause_seconds=0.2),
            "refuses": Task(self.refuses, self.give_up),
            "killer": Task(self.killer, self.give_up, attempts=1),
        }

    async def effect(self, lease: Lease) -> None:
        """Take a while, then leave exactly one effect. Cancelling does not stop it: it is the worst of zombies."""
        await self.note("started", lease)
        stubborn = asyncio.create_task(self._take_effect(lease))
        try:
            await asyncio.shield(stubborn)
        except asyncio.CancelledError:
            await stubborn

    async def _take_effect(self, lease: Lease) -> None:
        await asyncio.sleep(lease.payload.get("seconds", 0))
        try:
            async with self.database.transaction(lease) as session:
                await write(session, "effect", lease, str(carried()))
                await lease.complete(session)
        except LeaseLost:
            await self.note("refused", lease)
            raise

    async def no_effect(self, lease: Lease) -> None:
        await self.note("started", lease)
        await asyncio.sleep(lease.payload.get("seconds", 0))
        await self.note("ended", lease)

    async def fails(self, lease: Lease) -> None:
        await self.note("started", lease)
        if lease.failures < lease.payload.get("times", 99):
            raise StoreAway
        await self.effect(lease)

    async def refuses(self, lease: Lease) -> None:
        await self.note("started", lease)
        raise Broken

    async def killer(self, lease: Lease) -> None:
        """A job that no process survives."""
        await self.note("started", lease)
        os.abort()

    async def give_up(self, lease: Lease, refusal: Refusal | None) -> None:
        async with self.database.transaction(lease) as session:
            await write(session, "gave_up", lease, refusal.message if refusal else "attempts spent")
            await lease.complete(session)

    async def note(self, kind: str, lease: Lease) -> None:
        async with self.database.transaction() as session:
            await write(session, kind, lease, "")


async def write(session: Session, kind: str, lease: Lease, details: str) -> None:
    values = {"kind": kind, "job_id": lease.job_id, "lease": lease.number, "pid": os.getpid(), "details": details}
    await session.execute(NOTE, values)
