"""`python -m services.domain_data`: gRPC and the outbox's relay."""

from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process, run
from services.domain_data.prices.rpc import PricesServicer
from services.domain_data.settings import DomainDataSettings


async def main() -> None:
    settings = DomainDataSettings.read()
    async with (
        Database(settings.database) as database,
        Kafka(settings.kafka) as kafka,
        Process("domain-data", settings.process, settings.telemetry) as process,
    ):
        process.serve(settings.rpc, PricesServicer(database))
        process.run(Relay(database, kafka, service="domain-data", schema="domain"))
        process.ready_when(database=database.answers, **kafka.checks)


if __name__ == "__main__":
    run(main())
