"""Own events become jobs: the consumer stores them and goes on, the worker takes its time."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from orrery.media.videos.v1 import events_pb2 as events

from libs.database import Database, Session
from libs.inbox import Consumer
from libs.kafka import Kafka
from services.media.videos import cleaning, tasks

GROUP = "media-jobs"
Handler = Callable[[Session, Any], Awaitable[None]]


def videos_consumer(database: Database, kafka: Kafka) -> Consumer:
    return Consumer(database, kafka, group=GROUP, handlers=HANDLERS)


async def video_uploaded(session: Session, event: events.VideoUploaded) -> None:
    await tasks.defer_processing(session, event.video_id)


async def video_deleted(session: Session, event: events.VideoDeleted) -> None:
    """Remove the objects now, and again when no signed URL to PUT one is good any more."""
    await cleaning.defer_removal(session, event.prefix)
    await cleaning.defer_removal(session, event.prefix, after_seconds=cleaning.URLS_OVER_SECONDS)


HANDLERS: Mapping[type[Message], Handler] = {events.VideoUploaded: video_uploaded, events.VideoDeleted: video_deleted}
