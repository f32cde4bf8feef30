"""`python -m services.ai_inference`: gRPC and the outbox's relay."""

from libs.database import Database
from libs.kafka import Kafka
from libs.outbox import Relay
from libs.process import Process, run
from services.ai_inference.models.rpc import ModelsServicer
from services.ai_inference.settings import AiInferenceSettings


async def main() -> None:
    settings = AiInferenceSettings.read()
    async with (
        Database(settings.database) as database,
        Kafka(settings.kafka) as kafka,
        Process("ai-inference", settings.process, settings.telemetry) as process,
    ):
        process.serve(settings.rpc, ModelsServicer(database))
        process.run(Relay(database, kafka, service="ai-inference", schema="ai"))
        process.ready_when(database=database.answers, **kafka.checks)


if __name__ == "__main__":
    run(main())
