"""Takes jobs and runs them; takes over those of workers that died."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from libs.database import Database
from libs.database.notify import Notifications
from libs.jobs.lease import Lease, LeaseLost
from libs.jobs.metrics import OLDEST, RUNNING, TAKEN_OVER, WAITING, show_from_the_start
from libs.jobs.queue import Queue
from libs.jobs.runner import Runner
from libs.jobs.task import Task
from libs.telemetry import get_logger

log = get_logger(__name__)
CHANNEL = "procrastinate_any_queue_v1"
# A job of a dead worker is found 10 to 13 s after its last heartbeat and started by the notification, or by the next
# poll at most 3 s later.
BEAT_SECONDS = 3.0
STALLED_SECONDS = 10.0
SWEEP_SECONDS = 3.0
POLL_SECONDS = 3.0
TIDY_SECONDS = 3600.0
RETRY_SECONDS = 1.0


class Worker:
    """Runs up to `concurrency` jobs of the queues at once, in this event loop. A PostgreSQL that is away is waited for.

    When `run` is cancelled it takes no more jobs; those that run may end within `drain_seconds` and go back to the
    queue after that.
    """

    def __init__(
        self,
        database: Database,
        tasks: Mapping[str, Task],
        *,
        queues: Sequence[str],
        concurrency: int = 1,
        drain_seconds: float = 20.0,
    ) -> None:
        self._tasks, self._drain_seconds = tasks, drain_seconds
        show_from_the_start(list(tasks), list(queues))
        self._queue, self._runner = Queue(database, queues), Runner(database, tasks)
        self._wake = Notifications(database, CHANNEL)
        self._free = asyncio.Semaphore(concurrency)
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._taking = asyncio.Lock()  # between the database's word that a job is ours and our own note of it

    async def run(self) -> None:
        """Work until cancelled."""
        heart = asyncio.create_task(self._every(BEAT_SECONDS, self._beat))
        try:
            async with self._wake, asyncio.TaskGroup() as group:
                group.create_task(watch(heart))
                group.create_task(self._take())
                group.create_task(self._every(SWEEP_SECONDS, self._sweep))
                group.create_task(self._every(TIDY_SECONDS, self._queue.tidy))
                for name, task in self._tasks.items():
                    if task.every_seconds:
                        group.create_task(self._clock(name, task.every_seconds))
        finally:
            await self._drain()
            heart.cancel()
            await asyncio.wait([heart])
            with suppress(ConnectionError):
                await self._queue.leave()

    async def _take(self) -> None:
        while True:
            await self._free.acquire()
            while not await self._started():
                await self._wake.wait(POLL_SECONDS)

    async def _started(self) -> bool:
        """Whether there was a job to start."""
        try:
            async with self._taking:
                lease = await self._queue.take()
                if lease is None:
                    return False
                running = asyncio.create_task(self._runner.perform(lease))
                self._running[running] = lease
                running.add_done_callback(self._ended)
        except ConnectionError:
            await asyncio.sleep(RETRY_SECONDS)
            return False
        return True

    def _ended(self, running: asyncio.Task[None]) -> None:
        lease = self._running.pop(running)
        self._free.release()
        self._wake.wake()  # its lock may have held another job back
        if not running.cancelled() and (failure := running.exception()):
            log.error("job_not_settled", task=lease.task, job=lease.job_id, exc_info=failure)

    async def _beat(self) -> None:
        """Heartbeat; stop working on what is ours no longer, and hand back what we hold without working on it."""
        async with self._taking:
            held = {key(lease): lease for lease in await self._queue.beat()}
            running = {key(lease): task for task, lease in self._running.items() if not lease.is_settled}
            known = self._held()
        for lost in running.keys() - held.keys():
            running[lost].cancel()
        for forgotten in held.keys() - known:
            await self._put_back(held[forgotten], failures=held[forgotten].failures)

    async def _sweep(self) -> None:
        """Put back the jobs of workers that are not heard of; their death is a failure, lest one job kill all."""
        for lease in await self._queue.stalled(STALLED_SECONDS):
            if key(lease) in self._held():
                continue  # it was us that slept; the next heartbeat says that we are back
            if await self._put_back(lease, failures=lease.failures + 1):
                TAKEN_OVER.labels(lease.task).inc()
                log.warning("job_taken_over", task=lease.task, job=lease.job_id, lease=lease.number)
        for state in await self._queue.states():
            OLDEST.labels(state.name).set(state.seconds)
            WAITING.labels(state.name).set(state.waiting)
            RUNNING.labels(state.name).set(state.running)

    def _held(self) -> set[tuple[int, int]]:
        return {key(lease) for lease in self._running.values()}

    async def _put_back(self, lease: Lease, failures: int) -> bool:
        """Whether it was still under this lease."""
        with suppress(LeaseLost):
            await self._runner.put_back(lease, delay=0.0, failures=failures)
            return True
        return False

    async def _clock(self, name: str, every_seconds: int) -> None:
        await self._every(min(every_seconds, 60.0), lambda: self._queue.start_by_clock(name, every_seconds))

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            with suppress(ConnectionError, TimeoutError):
                await act()
            await asyncio.sleep(seconds)

    async def _drain(self) -> None:
        if self._running:
            await asyncio.wait(list(self._running), timeout=self._drain_seconds)
        left = list(self._running)
        for running in left:
            running.cancel()
        if left:
            log.info("jobs_returned", count=len(left))
            await asyncio.wait(left)


def key(lease: Lease) -> tuple[int, int]:
    return lease.job_id, lease.number


async def watch(heart: asyncio.Task[None]) -> None:
    """Fail when the heart does; it outlives this, until the last job has ended."""
    await asyncio.shield(heart)
