"""Jobs that remove objects nobody will ask for, and uploads that nobody completed."""

from libs.blobs import Blobs
from libs.database import SYSTEM, Database, Session
from libs.database.removals import removing
from libs.errors import Invalid
from libs.jobs import Lease, Task, defer
from libs.telemetry import get_logger
from services.media.videos import operations
from services.media.videos.keys import is_of_a_video

log = get_logger(__name__)
CLEANING = "cleaning"
REMOVE, SWEEP = "remove_objects", "remove_abandoned_uploads"
URLS_OVER_SECONDS = 3900.0
HOUR = 3600
ATTEMPTS = 300  # a day of the object store being away, or of a backup


class PrefixRefused(Invalid):
    """What would be removed is not one video's."""

    def __init__(self) -> None:
        super().__init__("Only one video's own objects are removed.")


async def defer_removal(session: Session, prefix: str, *, after_seconds: float = 0.0) -> None:
    """Have everything under a video's prefix removed."""
    await defer(session, REMOVE, {"prefix": prefix}, queue=CLEANING, after_seconds=after_seconds)


def cleaning_tasks(database: Database, blobs: Blobs) -> dict[str, Task]:
    """The kinds of jobs of the queue CLEANING."""
    cleaning = Cleaning(database, blobs)
    return {
        REMOVE: Task(cleaning.remove, attempts=ATTEMPTS),
        SWEEP: Task(cleaning.sweep, every_seconds=HOUR),
    }


class Cleaning:
    """The tasks, bound to what they work on."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    async def remove(self, lease: Lease) -> None:
        """Remove all objects under the payload's prefix, after a backup that runs; removing them twice is fine."""
        prefix: str = lease.payload["prefix"]
        if not is_of_a_video(prefix):
            raise PrefixRefused
        async with removing(self._database):
            removed = await self._blobs.remove_prefix(prefix)
        log.info("objects_removed", prefix=prefix, count=removed)

    async def sweep(self, lease: Lease) -> None:
        """Delete abandoned uploads, as many as there are, some hundred in a transaction."""
        while await self._sweep_some():
            continue

    async def _sweep_some(self) -> int:
        async with self._database.transaction(SYSTEM) as session:
            return await operations.remove_abandoned(session)
