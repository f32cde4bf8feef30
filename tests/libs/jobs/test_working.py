"""How jobs end: done once, tried again, given up; in order of priority, never twice at once."""

import asyncio
from itertools import pairwise

from prometheus_client import REGISTRY
from sqlalchemy import text

from libs.database import Database
from libs.jobs import Lease, Task, Worker
from libs.jobs.queue import Queue
from tests.libs.jobs.conftest import eventually, notes, queued, status, working
from tests.libs.jobs.trial.tasks import QUEUE


async def kinds(database: Database) -> list[str]:
    return [note.kind for note in await notes(database)]


async def test_a_job_without_an_effect_ends_when_it_returns(database: Database) -> None:
    job_id = await queued(database, "no_effect")

    async with working(database):
        await eventually(lambda: notes(database, "ended"))

    assert await status(database, job_id) == "succeeded"


async def test_a_failure_is_tried_again_with_growing_pauses(database: Database) -> None:
    job_id = await queued(database, "fails", payload={"times": 2})

    async with working(database):
        await eventually(lambda: notes(database, "effect"))

    started = await notes(database, "started")
    assert [note.lease for note in started] == [0, 1, 2, 2]  # the last one's effect notes its start too
    first, second = [(after.at - before.at).total_seconds() for before, after in pairwise(started[:3])]
    assert first >= 0.15
    assert second >= 0.3
    assert await status(database, job_id) == "succeeded"


async def test_spent_attempts_end_in_giving_up_once(database: Database) -> None:
    job_id = await queued(database, "fails")

    async with working(database):
        given_up = await eventually(lambda: notes(database, "gave_up"))

    assert await kinds(database) == ["started", "started", "started", "gave_up"]
    assert given_up[0].details == "attempts spent"
    assert await status(database, job_id) == "succeeded"  # giving up was its effect, and that is done


async def test_a_final_refusal_is_not_tried_again(database: Database) -> None:
    await queued(database, "refuses")

    async with working(database):
        given_up = await eventually(lambda: notes(database, "gave_up"))
        await asyncio.sleep(0.5)

    assert await kinds(database) == ["started", "gave_up"]
    assert given_up[0].details == "This file is broken."


async def test_a_task_that_nobody_knows_waits_for_a_worker_that_does(database: Database) -> None:
    job_id = await queued(database, "of_the_next_release")

    async with working(database):
        await eventually(lambda: unknown_was_put_back(database, job_id))

    assert await status(database, job_id) == "todo"


async def unknown_was_put_back(database: Database, job_id: int) -> bool:
    return (
        REGISTRY.get_sample_value("orrery_jobs_ended_total", {"task": "of_the_next_release", "outcome": "retried"})
        is not None
        and await status(database, job_id) == "todo"
    )


async def test_the_higher_priority_runs_first(database: Database) -> None:
    jobs = {priority: await queued(database, "no_effect", priority=priority) for priority in (0, 5, -5, 9)}

    async with working(database):
        await eventually(lambda: all_ended(database, 4))

    order = [note.job_id for note in await notes(database, "ended")]
    assert order == [jobs[9], jobs[5], jobs[0], jobs[-5]]


async def all_ended(database: Database, count: int) -> bool:
    return len(await notes(database, "ended")) == count


async def test_jobs_with_one_lock_run_one_after_the_other(database: Database) -> None:
    for _ in range(3):
        await queued(database, "no_effect", lock="one", payload={"seconds": 0.2})

    async with working(database, concurrency=3):
        await eventually(lambda: all_ended(database, 3))

    assert await kinds(database) == ["started", "ended"] * 3


async def test_a_worker_leaves_other_queues_alone(database: Database) -> None:
    other = await queued(database, "no_effect", queue="another")
    own = await queued(database, "no_effect")

    async with working(database):
        await eventually(lambda: all_ended(database, 1))

    assert (await status(database, own), await status(database, other)) == ("succeeded", "todo")


async def test_two_workers_never_run_one_job_twice(database: Database) -> None:
    jobs = [await queued(database, "effect") for _ in range(40)]

    async with working(database, concurrency=4), working(database, concurrency=4):
        await eventually(lambda: all_effects(database, 40))

    effects = [note.job_id for note in await notes(database, "effect")]
    started = [note.job_id for note in await notes(database, "started")]
    assert sorted(effects) == sorted(started) == sorted(jobs)


async def all_effects(database: Database, count: int) -> bool:
    return len(await notes(database, "effect")) >= count


async def test_the_clock_starts_a_job_once_whatever_the_number_of_workers(database: Database) -> None:
    begun: list[Lease] = []

    async def tick(lease: Lease) -> None:
        begun.append(lease)

    tasks = {"tick": Task(tick, every_seconds=86_400)}
    workers = [asyncio.create_task(Worker(database, tasks, queues=[QUEUE]).run()) for _ in range(3)]
    await eventually(lambda: seen(begun))
    await asyncio.sleep(0.5)
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)

    assert len(begun) == 1


async def seen(begun: list[Lease]) -> bool:
    return bool(begun)


async def test_the_age_of_the_oldest_waiting_job_is_shown(database: Database) -> None:
    await queued(database, "no_effect", payload={"seconds": 1.0})
    await queued(database, "no_effect")

    async with working(database):
        age = await eventually(oldest)

    assert age > 0


async def oldest() -> float:
    return REGISTRY.get_sample_value("orrery_jobs_oldest_seconds", {"queue": QUEUE}) or 0.0


async def test_a_job_ages_from_when_it_is_due(database: Database) -> None:
    """A job that was to run an hour later, or is tried again, is not old when its time comes."""
    waiting = await queued(database, "no_effect")
    await queued(database, "no_effect", after_seconds=3600)
    queue = Queue(database, [QUEUE])
    await changed(database, "UPDATE procrastinate_events SET at = at - interval '1 hour'")
    await changed(database, "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '1 hour'")

    [both_due] = await queue.states()
    await changed(database, "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id", id=waiting)
    [late] = await queue.states()

    assert (both_due.waiting, both_due.seconds > 3_500) == (2, True)
    assert (late.waiting, late.seconds < 1_800) == (1, True)


async def changed(database: Database, statement: str, **values: int) -> None:
    async with database.transaction() as session:
        await session.execute(text(statement), values)


async def test_what_waits_and_what_runs_is_shown_while_the_worker_is_busy(database: Database) -> None:
    name = "counted"

    def shown(what: str) -> float:
        return REGISTRY.get_sample_value(f"orrery_jobs_{what}", {"queue": name}) or 0.0

    async def both() -> bool:
        return (shown("running"), shown("waiting")) == (1, 2) and shown("oldest_seconds") > 0

    go = asyncio.Event()

    async def work(lease: Lease) -> None:
        await go.wait()

    for _ in range(3):
        await queued(database, "held", queue=name)
    running = asyncio.create_task(Worker(database, {"held": Task(work)}, queues=[name]).run())
    try:
        await asyncio.sleep(0)
        assert REGISTRY.get_sample_value("orrery_jobs_ended_total", {"task": "held", "outcome": "failed"}) is not None
        await eventually(both)
    finally:
        go.set()
        running.cancel()
        await asyncio.wait([running])
