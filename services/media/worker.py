"""`python -m services.media.worker`: processes uploaded videos and removes the objects of deleted ones."""

import tempfile
from pathlib import Path

from libs.blobs import Blobs
from libs.database import Database
from libs.jobs import Worker
from libs.process import Process, run
from services.media.people.consumers import forgetting_task
from services.media.processing import Limits
from services.media.scratch import Scratch
from services.media.settings import MediaWorkerSettings
from services.media.videos.cleaning import CLEANING, cleaning_tasks
from services.media.videos.tasks import PROCESSING, processing_tasks


async def main() -> None:
    settings = MediaWorkerSettings.read()
    drain = settings.process.drain_seconds
    async with (
        Database(settings.database) as database,
        Blobs(settings.blobs) as blobs,
        Process("media-worker", settings.process, settings.telemetry) as process,
    ):
        scratch = Scratch(settings.scratch or Path(tempfile.gettempdir()))
        processing = processing_tasks(database, blobs, scratch, Limits())
        cleaning = {**cleaning_tasks(database, blobs), **forgetting_task(database)}
        # Two workers, so that removing never waits behind an hour of encoding.
        process.run(
            Worker(database, processing, queues=[PROCESSING], concurrency=settings.concurrency, drain_seconds=drain),
            Worker(database, cleaning, queues=[CLEANING], drain_seconds=drain),
        )
        process.ready_when(database=database.answers)


if __name__ == "__main__":
    run(main())
