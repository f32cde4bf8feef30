"""Workers die, hang and restart; each job takes effect once all the same."""

import signal
import subprocess
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from libs.database import Database
from libs.jobs.deferring import cancel
from tests.libs.jobs.conftest import Employ, eventually, notes, queued, status

pytestmark = pytest.mark.timeout(180)


async def started(database: Database, worker: subprocess.Popen[bytes] | None = None) -> list[Any]:
    """The starts, by one worker or any."""
    return [note for note in await notes(database, "started") if worker is None or note.pid == worker.pid]


async def test_the_job_of_a_killed_worker_is_taken_over(database: Database, employ: Employ) -> None:
    job_id = await queued(database, "effect", payload={"seconds": 2})
    first = employ()
    await eventually(lambda: started(database, first))

    first.kill()
    assert first.wait(timeout=10) == -signal.SIGKILL
    assert not psutil.pid_exists(first.pid)
    second = employ()
    effect = (await eventually(lambda: notes(database, "effect")))[0]

    assert (effect.pid, effect.lease) == (second.pid, 1)
    assert await status(database, job_id) == "succeeded"
    assert len(await notes(database, "effect")) == 1


async def test_a_zombie_wakes_up_too_late_to_complete(database: Database, employ: Employ) -> None:
    job_id = await queued(database, "effect", payload={"seconds": 4})
    zombie = employ()
    await eventually(lambda: started(database, zombie))
    zombie.send_signal(signal.SIGSTOP)
    await eventually(lambda: stopped(zombie))
    heir = employ()
    await eventually(lambda: notes(database, "effect"))

    zombie.send_signal(signal.SIGCONT)
    refused = (await eventually(lambda: notes(database, "refused")))[0]

    assert (refused.pid, refused.lease) == (zombie.pid, 0)
    assert [(note.pid, note.lease) for note in await notes(database, "effect")] == [(heir.pid, 1)]
    assert await status(database, job_id) == "succeeded"


async def stopped(worker: subprocess.Popen[bytes]) -> bool:
    return bool(psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED)


async def test_a_zombie_works_on_new_jobs_after_it_woke(database: Database, employ: Employ) -> None:
    await queued(database, "effect", payload={"seconds": 2})
    worker = employ()
    await eventually(lambda: started(database, worker))
    worker.send_signal(signal.SIGSTOP)
    await eventually(lambda: stopped(worker))
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM procrastinate_workers"))  # as pruning does after an hour

    worker.send_signal(signal.SIGCONT)
    job_id = await queued(database, "effect")

    await eventually(lambda: succeeded(database, job_id))
    assert len({note.job_id for note in await notes(database, "effect")}) == 2


async def succeeded(database: Database, job_id: int) -> bool:
    return await status(database, job_id) == "succeeded"


async def test_a_cancelled_job_is_stopped_within_a_heartbeat(database: Database, employ: Employ) -> None:
    job_id = await queued(database, "no_effect", lock="mine", payload={"seconds": 3600})
    waiting = await queued(database, "no_effect", lock="mine")
    worker = employ()
    await eventually(lambda: started(database, worker))

    async with database.transaction() as session:
        await cancel(session, "mine")
    other = await queued(database, "effect")

    await eventually(lambda: succeeded(database, other))  # the one place of the worker was free again
    assert [await status(database, one) for one in (job_id, waiting)] == ["cancelled"] * 2
    assert not await notes(database, "ended")


async def test_on_sigterm_a_running_job_may_end(database: Database, employ: Employ) -> None:
    await queued(database, "effect", payload={"seconds": 2})
    waiting = await queued(database, "effect")
    worker = employ()
    await eventually(lambda: started(database, worker))

    worker.terminate()

    assert worker.wait(timeout=30) == 0
    assert len(await notes(database, "effect")) == 1
    assert await status(database, waiting) == "todo"


async def test_a_job_longer_than_the_drain_goes_back_without_a_failure(database: Database, employ: Employ) -> None:
    job_id = await queued(database, "no_effect", payload={"seconds": 3600})
    worker = employ(ORRERY_PROCESS__DRAIN_SECONDS="1")
    await eventually(lambda: started(database, worker))

    worker.terminate()
    assert worker.wait(timeout=30) == 0
    async with database.transaction() as session:
        query = text("SELECT args ->> 'failures' FROM procrastinate_jobs WHERE id = :id")
        failures = await session.scalar(query, {"id": job_id})

    assert await status(database, job_id) == "todo"
    assert failures == "0"


async def test_a_job_that_kills_every_worker_is_given_up(database: Database, employ: Employ) -> None:
    await queued(database, "killer")

    victim = employ()
    assert victim.wait(timeout=60) == -signal.SIGABRT
    employ()
    given_up = await eventually(lambda: notes(database, "gave_up"))

    assert len(await started(database)) == 1
    assert given_up[0].details == "attempts spent"


async def test_a_job_outlives_the_loss_of_every_connection(database: Database, employ: Employ) -> None:
    await queued(database, "effect", payload={"seconds": 3})
    worker = employ()
    await eventually(lambda: started(database, worker))

    lost = await cut_connections(database)
    later = await queued(database, "effect")
    await eventually(lambda: succeeded(database, later))

    assert lost > 0
    assert len(await notes(database, "effect")) == 2
    assert [note.lease for note in await notes(database, "effect")] == [0, 0]
    assert worker.poll() is None


async def cut_connections(database: Database) -> int:
    """End every other connection of this role, as a restart of the server would."""
    query = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with database.transaction() as session:
        return int(await session.scalar(query) or 0)
