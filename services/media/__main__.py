"""`python -m services.media`: gRPC, the relay of its events, and the consumer that turns them into jobs."""

from libs.blobs import Blobs
from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process, run
from services.media.audio.rpc import AudioServicer
from services.media.captures.rpc import CapturesServicer
from services.media.links import Links
from services.media.people.consumers import erasure_consumer
from services.media.people.rpc import PersonalDataServicer
from services.media.settings import MediaSettings
from services.media.videos.consumers import videos_consumer
from services.media.videos.playlists import Playlists
from services.media.videos.rpc import VideosServicer


async def main() -> None:
    settings = MediaSettings.read()
    async with (
        Database(settings.database) as database,
        Kafka(settings.kafka) as kafka,
        Blobs(settings.blobs) as blobs,
        Process("media", settings.process, settings.telemetry) as process,
    ):
        links = Links(blobs)
        process.serve(
            settings.rpc,
            VideosServicer(database, blobs, links, Playlists(blobs)),
            CapturesServicer(database, links),
            AudioServicer(database),
            PersonalDataServicer(database, blobs),
        )
        process.run(
            Relay(database, kafka, service="media", schema="media"),
            videos_consumer(database, kafka),
            erasure_consumer(database, kafka),
        )
        process.ready_when(database=database.answers, **kafka.checks)
        process.reports(storage=blobs.answers)  # away, it delays uploads; everything else goes on


if __name__ == "__main__":
    run(main())
