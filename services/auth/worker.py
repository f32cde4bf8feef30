"""`python -m services.auth.worker`: sends mails, makes archives, erases accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.blobs import Blobs
from libs.database import Database
from libs.jobs import Worker
from libs.process import Process, run
from libs.rpc import Client, Signer
from services.auth.mails.delivery import Carrier, Mailbox, Smtp
from services.auth.mails.operations import QUEUE as MAILS
from services.auth.mails.tasks import mail_tasks
from services.auth.privacy.archive import RemoteSource, Source
from services.auth.privacy.operations import QUEUE as PRIVACY
from services.auth.privacy.tasks import Privacy
from services.auth.recovery.tasks import QUEUE as RECOVERY
from services.auth.recovery.tasks import recovery_tasks
from services.auth.settings import AuthWorkerSettings, MailSettings

MAILS_AT_ONCE = 4


async def main() -> None:
    settings = AuthWorkerSettings.read()
    drain = settings.process.drain_seconds
    async with (
        Database(settings.database) as database,
        Blobs(settings.blobs) as blobs,
        connect(settings) as clients,
        Process("auth-worker", settings.process, settings.telemetry) as process,
    ):
        signer = Signer(settings.identity.key)
        others: dict[str, Source] = {name: RemoteSource(client, signer) for name, client in clients.items()}
        mails = mail_tasks(database, carrier(settings.mail))
        process.run(
            Worker(database, mails, queues=[MAILS], concurrency=MAILS_AT_ONCE, drain_seconds=drain),
            Worker(database, recovery_tasks(database), queues=[RECOVERY], drain_seconds=drain),
            Worker(database, Privacy(database, blobs, others).tasks(), queues=[PRIVACY], drain_seconds=drain),
        )
        process.ready_when(database=database.answers)
        if settings.rpc.is_mutual:
            process.ready_when(certificate=clients["media"].has_valid_certificate)  # all are shown the same


@asynccontextmanager
async def connect(settings: AuthWorkerSettings) -> AsyncIterator[dict[str, Client]]:
    """The services that keep data of people."""
    addresses: dict[str, str] = settings.services.model_dump()
    clients = {name: Client(name, address, settings.rpc) for name, address in addresses.items()}
    try:
        yield clients
    finally:
        for client in clients.values():
            await client.close()


def carrier(settings: MailSettings) -> Carrier:
    if settings.smtp_url is None:
        return Mailbox(settings.app_url)
    return Smtp(settings.smtp_url.get_secret_value(), settings.sender_address, settings.app_url)


if __name__ == "__main__":
    run(main())
