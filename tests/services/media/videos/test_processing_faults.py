"""Workers die, stores go away, videos are deleted meanwhile: each video is made once or not at all."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest
from orrery.media.v1 import videos_pb2 as pb
from sqlalchemy import text

from libs.blobs import BlobMissing, Blobs
from libs.database import SYSTEM, Database
from libs.errors import NotFound
from libs.jobs import Lease, LeaseLost
from libs.settings import BlobSettings
from services.media.scratch import Scratch
from services.media.videos.keys import derived_prefix
from services.media.videos.tasks import OUR_FAULT, PROCESS, defer_processing, processing_tasks
from tests.services.media.builders import Api, Studio, caller, column, events
from tests.services.media.conftest import NOWHERE, eventually
from tests.services.media.processing.files import film, whole
from tests.services.media.videos.conftest import Employ, Works, deliver

pytestmark = pytest.mark.timeout(180)
REMOVALS = "SELECT args #>> '{payload,prefix}' FROM procrastinate_jobs WHERE task_name = 'remove_objects' ORDER BY id"


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that takes a worker some seconds."""
    return film(tmp_path_factory.mktemp("films") / "long.mp4", "testsrc2=s=854x480:r=25", "sine=f=440", seconds=20)


async def removals(database: Database, video_id: int) -> list[str]:
    return [prefix for prefix in await column(database, REMOVALS) if f"/{video_id}/" in prefix]


async def job_of(database: Database, video_id: int) -> int:
    query = "SELECT id FROM procrastinate_jobs WHERE task_name = :task AND args #>> '{payload,video_id}' = :id"
    (job_id,) = await column(database, query, task=PROCESS, id=str(video_id))
    return int(job_id)


async def test_a_killed_worker_is_taken_over_and_the_video_is_made_once(
    api: Api, works: Works, database: Database, employ: Employ, long_film: Path
) -> None:
    who = caller()
    video_id = await api.upload(long_film, who)
    await deliver(database)
    victim = employ()
    tools = await eventually(lambda: at_work(victim.pid))

    victim.kill()
    assert victim.wait(timeout=10) == -signal.SIGKILL
    await eventually(lambda: all_gone(tools))
    employ()
    video = await eventually(lambda: works.ended(video_id, who))

    captures = (await api(pb.ListCapturesRequest(video_id=video_id, limit=1000), who)).captures
    times = [one.timestamp for one in captures]
    assert video.status == "ready"
    assert len(times) == len(set(times)) >= 1
    assert (await events(database, video_id)).count("VideoReady") == 1
    assert any(prefix.endswith("-0/") for prefix in await removals(database, video_id))


async def at_work(pid: int) -> list[psutil.Process]:
    """The tools that a worker has started."""
    return [one for one in psutil.Process(pid).children(recursive=True) if one.name().startswith("ff")]


async def all_gone(tools: list[psutil.Process]) -> bool:
    return not any(tool.is_running() and tool.status() != psutil.STATUS_ZOMBIE for tool in tools)


async def test_who_comes_too_late_shows_nothing_and_has_its_files_removed(
    works: Works, database: Database, blobs: Blobs, tmp_path: Path
) -> None:
    who = caller()
    video_id = await works.api.upload(whole(tmp_path / "film.mp4"), who)
    await deliver(database)
    tasks = processing_tasks(database, blobs, Scratch(works.scratch), works.limits)
    zombie = Lease(await job_of(database, video_id), 7, PROCESS, who.user_id, who.organization_id)
    zombie.payload = {"video_id": video_id}

    with pytest.raises(LeaseLost):
        await tasks[PROCESS].run(zombie)

    mine = derived_prefix(f"{who.organization_id}/{who.user_id}/{video_id}/source", zombie.job_id, 7)
    video = (await works.api(pb.GetVideoRequest(video_id=video_id), who)).video
    assert video.status == "processing"
    assert not (await works.api(pb.ListCapturesRequest(video_id=video_id), who)).captures
    assert await removals(database, video_id) == [mine]


async def test_work_on_a_video_that_is_deleted_stops_and_its_objects_go(
    works: Works, database: Database, blobs: Blobs, long_film: Path
) -> None:
    who = caller()
    video_id = await works.api.upload(long_film, who)
    await deliver(database)

    async with works.open():
        await eventually(lambda: busy(works.scratch))
        await works.api(pb.DeleteVideoRequest(video_id=video_id), who)
        await deliver(database)
        await eventually(lambda: idle(works.scratch))
        assert await job_is(database, await job_of(database, video_id), "cancelled")

    with pytest.raises(NotFound):
        await works.api(pb.GetVideoRequest(video_id=video_id), who)
    with pytest.raises(BlobMissing):
        await blobs.stat(f"{who.organization_id}/{who.user_id}/{video_id}/source")
    assert any("derived" in prefix for prefix in await removals(database, video_id))


async def idle(scratch: Path) -> bool:
    return not await asyncio.to_thread(lambda: any(scratch.iterdir()))


async def busy(scratch: Path) -> bool:
    return await asyncio.to_thread(lambda: any(scratch.glob("*/work/*")))


async def job_is(database: Database, job_id: int, status: str) -> bool:
    return await column(database, "SELECT status::text FROM procrastinate_jobs WHERE id = :id", id=job_id) == [status]


async def test_a_store_that_is_away_is_tried_again(
    works: Works, database: Database, blob_settings: BlobSettings, tmp_path: Path
) -> None:
    who = caller()
    video_id = await works.api.upload(whole(tmp_path / "film.mp4"), who)
    await deliver(database)
    job_id = await job_of(database, video_id)
    async with Blobs(blob_settings.model_copy(update={"endpoint": NOWHERE})) as away:
        storeless = Works(works.api, database, away, works.scratch, works.limits)
        async with storeless.open():
            await eventually(lambda: failed_once(database, job_id))
    between = (await works.api(pb.GetVideoRequest(video_id=video_id), who)).video.status

    async with works.open():
        video = await eventually(lambda: works.ended(video_id, who))

    assert between == "processing"
    assert video.status == "ready"


async def failed_once(database: Database, job_id: int) -> bool:
    query = "SELECT args ->> 'failures' FROM procrastinate_jobs WHERE id = :id"
    return await column(database, query, id=job_id) != ["0"]


async def test_spent_attempts_are_our_fault_and_the_file_is_kept(
    works: Works, database: Database, blobs: Blobs, tmp_path: Path
) -> None:
    who = caller()
    video_id = await works.api.upload(whole(tmp_path / "film.mp4"), who)
    await deliver(database)
    async with database.transaction(SYSTEM) as session:
        spend = "UPDATE procrastinate_jobs SET args = args || '{\"failures\": 12}' WHERE id = :id"
        await session.execute(text(spend), {"id": await job_of(database, video_id)})

    async with works.open():
        video = await eventually(lambda: works.ended(video_id, who))

    assert (video.status, video.failure_reason) == ("failed", OUR_FAULT)
    assert (await blobs.stat(f"{who.organization_id}/{who.user_id}/{video_id}/source")).size > 0


async def test_a_job_for_a_finished_video_does_nothing(works: Works, database: Database, studio: Studio) -> None:
    who = caller()
    video = await studio.ready(who)
    before = await events(database, video.video_id)
    async with database.transaction(who) as session:
        await defer_processing(session, video.video_id)
    job_id = await job_of(database, video.video_id)

    async with works.open():
        await eventually(lambda: job_is(database, job_id, "succeeded"))

    assert await events(database, video.video_id) == before
