"""A queue in a migrated PostgreSQL, workers in this process and workers to be killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from libs.database import Database
from libs.jobs import Worker, defer
from libs.settings import DatabaseSettings
from tests.conftest import DatabaseFor
from tests.libs.jobs.trial.tasks import QUEUE, Tasks

Answer = TypeVar("Answer")
PATIENCE = 90.0
Employ = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def settings(database_for: DatabaseFor) -> DatabaseSettings:
    """A database of its own for each test: nobody finds another's jobs."""
    return database_for("trial", "tests/libs/jobs/trial")


@pytest.fixture
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    async with Database(settings) as opened:
        yield opened


@pytest.fixture
def employ(settings: DatabaseSettings) -> Iterator[Employ]:
    """Starts worker processes; whatever of them is left is killed in the end."""
    hired: list[subprocess.Popen[bytes]] = []

    def start(**environment: str) -> subprocess.Popen[bytes]:
        told = {"ORRERY_DATABASE__DSN": settings.dsn.get_secret_value(), **environment}
        command = [sys.executable, "-m", "tests.libs.jobs.trial.worker"]
        hired.append(subprocess.Popen(command, env={**os.environ, "PYTHONPATH": ".:gen", **told}))
        return hired[-1]

    yield start
    for one in hired:
        if one.poll() is None:
            one.send_signal(signal.SIGCONT)
            one.kill()
        one.wait(timeout=30)


@asynccontextmanager
async def working(database: Database, *, queues: tuple[str, ...] = (QUEUE,), **options: Any) -> AsyncIterator[None]:
    """A worker runs beside the block, in this process."""
    running = asyncio.create_task(Worker(database, Tasks(database).all(), queues=queues, **options).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def queued(database: Database, task: str, *, queue: str = QUEUE, **options: Any) -> int:
    """Defer a job with `payload` and the other options of defer; answers its id."""
    payload = options.pop("payload", {})
    async with database.transaction() as session:
        job_id = await defer(session, task, payload, queue=queue, **options)
    assert job_id is not None
    return job_id


async def notes(database: Database, kind: str = "") -> list[Any]:
    """The notes in the order they were written: kind, job_id, lease, pid, details, at."""
    query = text("SELECT kind, job_id, lease, pid, details, at FROM notes WHERE :kind IN ('', kind) ORDER BY note_id")
    async with database.transaction() as session:
        return list((await session.execute(query, {"kind": kind})).all())


async def status(database: Database, job_id: int) -> str:
    async with database.transaction() as session:
        query = text("SELECT status::text FROM procrastinate_jobs WHERE id = :id")
        return str(await session.scalar(query, {"id": job_id}))


async def eventually(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The first answer that is something; asked until the patience ends, which is a failure and no measure."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await ask()):  # noqa: ASYNC110  # the question is the database's, nobody can set an event
            await asyncio.sleep(0.05)
        return found
