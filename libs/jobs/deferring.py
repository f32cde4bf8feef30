"""The one way into the queue, and the way out before a job's time."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from libs.database import Session, Tenant
from libs.database.tenant import Caller
from libs.rpc import caller, request_id
from libs.telemetry import traceparent

Payload = Mapping[str, Any]
DEFER = text("""
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
    :queue, :task, :priority, :lock, :queueing_lock, CAST(:args AS jsonb),
    now() + make_interval(secs => nullif(CAST(:after AS double precision), 0))
)::procrastinate_job_to_defer_v1]))
""")
CANCEL = text("""
UPDATE procrastinate_jobs SET status = 'cancelled', attempts = attempts + 1
WHERE lock = :lock AND status IN ('todo', 'doing')
""")


async def defer(
    session: Session,
    task: str,
    payload: Payload,
    *,
    queue: str,
    priority: int = 0,
    lock: str | None = None,
    queueing_lock: str | None = None,
    after_seconds: float = 0.0,
) -> int | None:
    """Store a job; it runs if, and only if, the transaction commits. Answers its id.

    It acts for the present caller. Higher `priority` first; jobs with the same `lock` run one after the other; where a
    job with the same `queueing_lock` waits already, nothing is stored and None answered.
    """
    values = {
        "queue": queue,
        "task": task,
        "priority": priority,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": orjson.dumps({"payload": dict(payload), "failures": 0, **carried()}).decode(),
        "after": after_seconds,
    }
    if queueing_lock is None:
        return await stored(session, values)
    try:
        async with session.begin_nested():
            return await stored(session, values)
    except IntegrityError:  # the one unique index that an insert can meet is the queueing lock's
        return None


async def cancel(session: Session, lock: str) -> None:
    """End the jobs with this lock, if, and only if, the transaction commits; one that runs loses its lease."""
    await session.execute(CANCEL, {"lock": lock})


async def stored(session: Session, values: Mapping[str, object]) -> int:
    job_id: int = (await session.execute(DEFER, values)).scalar_one()
    return job_id


def carried() -> dict[str, object]:
    """For whom, for which request and in which trace a job is deferred."""
    actor = present_caller()
    return {
        "user_id": actor.user_id,
        "organization_id": actor.organization_id,
        "request_id": request_id(),
        "traceparent": traceparent() or "",
    }


def present_caller() -> Caller:
    """Whoever is served now; nobody where the clock is the cause."""
    try:
        return caller()
    except LookupError:
        return Tenant()
