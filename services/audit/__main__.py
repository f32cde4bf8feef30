"""`python -m services.audit`: gRPC, the consumers of all events and of the access log, and the months' partitions."""

from libs.database import Database
from libs.kafka import Kafka
from libs.process import Process, run
from services.audit.access_log.consumers import access_log_consumer
from services.audit.access_log.rpc import AccessLogsServicer
from services.audit.audit_log.consumers import audit_log_consumer
from services.audit.audit_log.rpc import AuditLogsServicer
from services.audit.partitions import Partitions
from services.audit.people.consumers import erasure_consumer
from services.audit.people.rpc import PersonalDataServicer
from services.audit.settings import AuditSettings


async def main() -> None:
    settings = AuditSettings.read()
    async with (
        Database(settings.database) as database,
        Kafka(settings.kafka) as kafka,
        Process("audit", settings.process, settings.telemetry) as process,
    ):
        process.serve(
            settings.rpc, AuditLogsServicer(database), AccessLogsServicer(database), PersonalDataServicer(database)
        )
        process.run(
            audit_log_consumer(database, kafka),
            access_log_consumer(database, kafka),
            erasure_consumer(database, kafka),
            Partitions(database),
        )
        process.ready_when(database=database.answers, **kafka.checks)


if __name__ == "__main__":
    run(main())
