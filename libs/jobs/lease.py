"""The right to complete a job: one per start, and only the latest counts."""

from dataclasses import dataclass, field
from typing import Any, Self

from procrastinate.jobs import Job
from sqlalchemy import text

from libs.database import Session

# The number is procrastinate's own count of starts: it grows whenever a job leaves `doing`, so no two starts share it.
MINE = "id = :job_id AND status = 'doing' AND attempts = :number"
FINISH = text(f"""
UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status), attempts = attempts + 1
WHERE {MINE} RETURNING id
""")  # noqa: S608  # constants
PUT_BACK = text(f"""
UPDATE procrastinate_jobs
SET status = 'todo', attempts = attempts + 1, worker_id = NULL, abort_requested = false,
    scheduled_at = now() + make_interval(secs => nullif(CAST(:delay AS double precision), 0)),
    args = args || jsonb_build_object('failures', CAST(:failures AS integer))
WHERE {MINE}
RETURNING pg_notify('procrastinate_any_queue_v1', json_build_object('type', 'job_inserted', 'job_id', id)::text)
""")  # noqa: S608  # constants


class LeaseLost(Exception):
    """Another worker has this job now, or it is done; whatever this one did must not count."""


@dataclass(slots=True)
class Lease:
    """A job that this process works on, for the user and organization that deferred it."""

    job_id: int
    number: int
    """Which start of the job this is; from 0, growing, with gaps possible."""
    task: str
    user_id: int = 0
    organization_id: str = ""
    request_id: str = ""
    traceparent: str = ""
    failures: int = 0
    """Starts that failed or died; those that were handed back count nothing."""
    payload: dict[str, Any] = field(default_factory=dict)
    """What was deferred."""
    is_settled: bool = False
    """Its end is committed, or about to be."""

    @classmethod
    def of(cls, job: Job) -> Self:
        """The lease that fetching this job gave."""
        known: dict[str, Any] = dict(job.task_kwargs)
        known.pop("timestamp", None)  # procrastinate's, of a periodic job
        return cls(job_id=job.id or 0, number=job.attempts, task=job.task_name, **known)

    async def complete(self, session: Session) -> None:
        """End the job in the effect's own transaction: both are committed, or neither.

        Raises LeaseLost, which must leave the transaction. Locks the job until then, so that nobody takes it over.
        """
        await self.finish(session, "succeeded")
        self.is_settled = True

    async def finish(self, session: Session, status: str) -> None:
        """End the job as procrastinate's `status`; raises LeaseLost."""
        await self._change(session, FINISH, status=status)

    async def put_back(self, session: Session, *, delay: float, failures: int) -> None:
        """Queue the job again, to start after `delay` seconds; raises LeaseLost."""
        await self._change(session, PUT_BACK, delay=delay, failures=failures)

    async def _change(self, session: Session, statement: Any, **values: object) -> None:
        bound = {"job_id": self.job_id, "number": self.number, **values}
        if (await session.execute(statement, bound)).first() is None:
            raise LeaseLost(f"job {self.job_id}, lease {self.number}")
