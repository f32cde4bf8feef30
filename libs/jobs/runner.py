"""Runs one job under its lease and settles what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from opentelemetry.trace import SpanKind
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.database import Database
from libs.errors import Refusal
from libs.jobs.lease import Lease, LeaseLost
from libs.jobs.metrics import ENDED, STARTED
from libs.jobs.task import Task, is_final
from libs.rpc import context
from libs.telemetry import get_logger, set_request_id, span

log = get_logger(__name__)
PATIENCE_SECONDS = 1.0
GIVING_UP_TRIES = 5


class TaskUnknown(LookupError):
    """A job of a release that this process is not; another worker may know it."""


class Runner:
    """Performs jobs of the given kinds. Nothing that a task raises comes out of `perform`, but cancellation does."""

    def __init__(self, database: Database, tasks: Mapping[str, Task]) -> None:
        self._database, self._tasks = database, tasks

    async def perform(self, lease: Lease) -> None:
        """Run the job for whoever deferred it; when this returns, the queue knows the outcome or the lease was lost."""
        enter(lease)
        STARTED.labels(lease.task).inc()
        attributes: dict[str, str | int] = {"orrery.job.id": lease.job_id, "orrery.job.lease": lease.number}
        with span(f"job {lease.task}", SpanKind.CONSUMER, lease.traceparent or None, attributes):
            outcome = "lost"
            try:
                outcome = await self._outcome(lease)
            except LeaseLost:
                log.warning("lease_lost", task=lease.task, job=lease.job_id, lease=lease.number)
            except asyncio.CancelledError:
                outcome = await self._return(lease)
                raise
            finally:
                ENDED.labels(lease.task, outcome).inc()
                log.info("job_ended", task=lease.task, job=lease.job_id, lease=lease.number, outcome=outcome)

    async def _outcome(self, lease: Lease) -> str:
        """How the job ended; raises LeaseLost."""
        task = self._tasks.get(lease.task) or Task(unknown)
        is_spent = lease.failures >= task.attempts
        try:
            await (task.give_up(lease, None) if is_spent else task.run(lease))
        except LeaseLost:
            raise
        except Refusal as refusal:
            if is_spent or not is_final(refusal):
                return await self._again(task, lease, refusal)
            return await self._refuse(task, lease, refusal)
        except Exception as failure:  # noqa: BLE001  # whatever a task raises is a failed attempt
            return await self._again(task, lease, failure)
        return await self._end(lease, "failed" if is_spent else "succeeded")

    async def _refuse(self, task: Task, lease: Lease, refusal: Refusal) -> str:
        log.info("job_refused", task=lease.task, job=lease.job_id, reason=refusal.reason)
        try:
            await task.give_up(lease, refusal)
        except LeaseLost:
            raise
        except Exception as failure:  # noqa: BLE001  # giving up is tried again with the job
            return await self._again(task, lease, failure)
        return await self._end(lease, "failed")

    async def _again(self, task: Task, lease: Lease, failure: Exception) -> str:
        """Put the job back after a failed attempt, or end it where giving up itself failed too often."""
        failures = lease.failures + 1
        log.warning("job_failed", task=lease.task, job=lease.job_id, failures=failures, exc_info=failure)
        if failures >= task.attempts + GIVING_UP_TRIES:
            return await self._end(lease, "failed")
        lease.is_settled = True
        await patiently(lambda: self.put_back(lease, delay=task.pause(failures), failures=failures))
        return "retried"

    async def _return(self, lease: Lease) -> str:
        """Hand an unfinished job back; where that fails, others find it when this worker is gone."""
        try:
            await self.put_back(lease, delay=0.0, failures=lease.failures)
        except (LeaseLost, ConnectionError, TimeoutError):
            return "lost"
        return "returned"

    async def _end(self, lease: Lease, status: str) -> str:
        if not lease.is_settled:
            lease.is_settled = True
            await patiently(lambda: self._finish(lease, status))
        return status

    async def _finish(self, lease: Lease, status: str) -> None:
        async with self._database.transaction() as session:
            await lease.finish(session, status)

    async def put_back(self, lease: Lease, *, delay: float, failures: int) -> None:
        """Queue the job again; raises LeaseLost."""
        async with self._database.transaction() as session:
            await lease.put_back(session, delay=delay, failures=failures)


def enter(lease: Lease) -> None:
    """Act for whoever deferred the job: what it publishes and defers carries them and their request on."""
    cause = Identity(
        user_id=lease.user_id, organization_id=lease.organization_id, credential=Credential.CREDENTIAL_SERVICE
    )
    context.enter(cause, lease.request_id)
    set_request_id(lease.request_id)


async def unknown(lease: Lease) -> None:
    raise TaskUnknown(f"no task is called {lease.task}")


async def patiently(change: Callable[[], Awaitable[None]]) -> None:
    """Tell the queue, however long PostgreSQL takes to come back: an untold job would be held for ever."""
    while True:
        try:
            return await change()
        except (ConnectionError, TimeoutError):
            await asyncio.sleep(PATIENCE_SECONDS)
