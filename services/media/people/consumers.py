"""A person that auth has erased is forgotten here too: a job deletes their videos, some at a time."""

from orrery.auth.privacy.v1.events_pb2 import AccountErased

from libs.database import SYSTEM, Database, Session
from libs.inbox import Consumer
from libs.jobs import Lease, Task, defer
from libs.kafka import Kafka
from services.media.people.repository import video_ids
from services.media.videos import operations
from services.media.videos.cleaning import CLEANING

GROUP = "media-erasure"
FORGET = "forget_person"
AT_ONCE = 100
ATTEMPTS = 300


def erasure_consumer(database: Database, kafka: Kafka) -> Consumer:
    """Consumes the ends of accounts."""
    return Consumer(database, kafka, group=GROUP, handlers={AccountErased: account_erased})


async def account_erased(session: Session, event: AccountErased) -> None:
    await defer(session, FORGET, {"user_id": event.user_id}, queue=CLEANING, lock=f"forget-{event.user_id}")


def forgetting_task(database: Database) -> dict[str, Task]:
    """The kind of job that forgets somebody."""

    async def forget(lease: Lease) -> None:
        while await forget_some(database, lease.payload["user_id"]):
            continue

    return {FORGET: Task(forget, attempts=ATTEMPTS)}


async def forget_some(database: Database, user_id: int) -> int:
    """Delete some of the person's videos; answers how many. Their objects follow by each one's event."""
    async with database.transaction(SYSTEM) as session:
        found = await video_ids(session, user_id, AT_ONCE)
        for video_id in found:
            await operations.forget(session, video_id)
    return len(found)
