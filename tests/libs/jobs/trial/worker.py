"""`python -m tests.libs.jobs.trial.worker`: the trial's worker as a process of its own, to be killed and stopped."""

from libs.database import Database
from libs.jobs import Worker
from libs.process import Process, run
from libs.settings import DatabaseSettings, ProcessSettings, Settings, TelemetrySettings
from tests.libs.jobs.trial.tasks import QUEUE, Tasks


class TrialSettings(Settings):
    database: DatabaseSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    concurrency: int = 1


async def main() -> None:
    settings = TrialSettings.read()
    async with (
        Database(settings.database) as database,
        Process("trial-worker", settings.process, settings.telemetry) as process,
    ):
        tasks = Tasks(database).all()
        drain = settings.process.drain_seconds
        process.run(Worker(database, tasks, queues=[QUEUE], concurrency=settings.concurrency, drain_seconds=drain))


if __name__ == "__main__":
    run(main())
