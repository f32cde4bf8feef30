"""`python -m services.control_plane`: gRPC and the outbox's relay."""

from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process, run
from services.control_plane.flags.rpc import FlagsServicer
from services.control_plane.settings import ControlPlaneSettings


async def main() -> None:
    settings = ControlPlaneSettings.read()
    async with (
        Database(settings.database) as database,
        Kafka(settings.kafka) as kafka,
        Process("control-plane", settings.process, settings.telemetry) as process,
    ):
        process.serve(settings.rpc, FlagsServicer(database))
        process.run(Relay(database, kafka, service="control-plane", schema="control"))
        process.ready_when(database=database.answers, **kafka.checks)


if __name__ == "__main__":
    run(main())
