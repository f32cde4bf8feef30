"""Procrastinate's queue as one worker sees it: its own statements on the hot pool, and a few that it lacks."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

from libs.database import Database, DatabaseAway
from libs.database.reasons import reason
from libs.jobs.lease import Lease
from libs.telemetry import get_logger

log = get_logger(__name__)
FORGOTTEN_WORKER_SECONDS = 3600.0
KEPT_HOURS = 7 * 24

# No row where somebody pruned this worker; else one per job it holds, and one without a job where it holds none.
BEAT = """
WITH beat AS (UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker)s RETURNING id)
SELECT job.id, job.queue_name, job.task_name, job.priority, job.lock, job.queueing_lock, job.args, job.status,
       job.scheduled_at, job.attempts, job.worker_id
FROM beat LEFT JOIN procrastinate_jobs job ON job.worker_id = beat.id AND job.status = 'doing'
"""
MOST_COUNTED = 10_000
MOST_COMPARED = 100  # the first of them may be one that was tried before and became due just now
DUE = "job.queue_name = queue.name AND job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())"
STATE = f"""
SELECT queue.name, coalesce(extract(epoch FROM now() - oldest.at), 0)::double precision AS seconds,
    (SELECT count(*) FROM (SELECT 1 FROM procrastinate_jobs job WHERE {DUE} LIMIT {MOST_COUNTED}) due) AS waiting,
    (SELECT count(*) FROM (
        SELECT 1 FROM procrastinate_jobs job
        WHERE job.queue_name = queue.name AND job.status = 'doing' LIMIT {MOST_COUNTED}
    ) held) AS running
FROM unnest(%(queues)s::varchar[]) AS queue (name)
LEFT JOIN LATERAL (
    SELECT min(greatest(event.at, due.scheduled_at)) AS at
    FROM (
        SELECT job.id, job.scheduled_at FROM procrastinate_jobs job WHERE {DUE} ORDER BY job.id LIMIT {MOST_COMPARED}
    ) due
    JOIN procrastinate_events event ON event.job_id = due.id AND event.type = 'deferred'
) oldest ON true
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class State:
    """How a queue is now, over all workers."""

    name: str
    seconds: float
    """How long its oldest due job has been due."""
    waiting: int
    running: int


class Queue:
    """All methods raise DatabaseAway while PostgreSQL cannot be reached."""

    def __init__(self, database: Database, names: Sequence[str]) -> None:
        self._database, self.names = database, list(names)
        self._connector = PsycopgConnector()
        self._manager = JobManager(self._connector)
        self._worker: int | None = None

    async def take(self) -> Lease | None:
        """The next job, now held by this worker; None where nothing is due."""
        async with self._reached():
            if self._worker is None:
                self._worker = await self._manager.register_worker()
            job = await self._manager.fetch_job(self.names, self._worker)
        return Lease.of(job) if job else None

    async def beat(self) -> list[Lease]:
        """Say that this worker lives; answers the jobs that the database says it holds."""
        async with self._reached():
            rows = await self._connector.execute_query_all_async(BEAT, worker=self._worker or 0)
        if not rows:
            self._worker = None
        return [Lease.of(Job.from_row(row)) for row in rows if row["id"] is not None]

    async def stalled(self, seconds: float) -> list[Lease]:
        """Jobs whose worker has not been heard of for so long, or is gone."""
        async with self._reached():
            jobs = await self._manager.get_stalled_jobs(seconds_since_heartbeat=seconds)
        return [Lease.of(job) for job in jobs]

    async def tidy(self) -> None:
        """Forget workers that are long gone, and jobs that ended a week ago."""
        async with self._reached():
            await self._manager.prune_stalled_workers(FORGOTTEN_WORKER_SECONDS)
            await self._manager.delete_old_jobs(
                KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
            )

    async def start_by_clock(self, task: str, every_seconds: int) -> None:
        """Store the job of the present span of time, unless some worker has or the last one still waits."""
        span = int(time.time()) // every_seconds * every_seconds
        job = Job(queue=self.names[0], task_name=task, lock=task, queueing_lock=task, task_kwargs={"timestamp": span})
        async with self._reached():
            with suppress(AlreadyEnqueued):
                await self._manager.defer_periodic_job(job, periodic_id="", defer_timestamp=span)

    async def states(self) -> list[State]:
        """Each queue as it is now."""
        async with self._reached():
            rows = await self._connector.execute_query_all_async(STATE, queues=self.names)
        return [State(**row) for row in rows]

    async def leave(self) -> None:
        """Say that this worker ends; what it still holds is free for others."""
        if self._worker is not None:
            async with self._reached():
                await self._manager.unregister_worker(self._worker)

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        await self._connector.open_async(self._database.hot)  # only the first time
        try:
            yield
        except (ConnectorException, psycopg.Error) as failure:
            cause = failure.__cause__ or failure
            log.warning("jobs_database_away", error=reason(cause))
            with suppress(psycopg.Error):
                await self._database.hot.check()  # drops the connections that a restart broke
            raise DatabaseAway(f"PostgreSQL: {reason(cause)}") from failure
