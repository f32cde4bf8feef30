"""`python -m services.auth.worker`: sends mails, makes archives, erases accounts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.blobs import Blobs
from libs.database import Database
from libs.jobs import Worker
from libs.process import Process
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
        sources(settings) as others,
        Process("auth-worker", settings.process, settings.telemetry) as process,
    ):
        mails = mail_tasks(database, carrier(settings.mail))
        process.run(
            Worker(database, mails, queues=[MAILS], concurrency=MAILS_AT_ONCE, drain_seconds=drain),
            Worker(database, recovery_tasks(database), queues=[RECOVERY], drain_seconds=drain),
            Worker(database, Privacy(database, blobs, others).tasks(), queues=[PRIVACY], drain_seconds=drain),
        )
        process.ready_when(database=database.answers)


@asynccontextmanager
async def sources(settings: AuthWorkerSettings) -> AsyncIterator[dict[str, Source]]:
    """The services that keep data of people, asked in auth's name."""
    signer = Signer(settings.identity.key)
    addresses: dict[str, str] = settings.services.model_dump()
    clients = {name: Client(name, address, settings.rpc) for name, address in addresses.items()}
    try:
        yield {name: RemoteSource(client, signer) for name, client in clients.items()}
    finally:
        for client in clients.values():
            await client.close()


def carrier(settings: MailSettings) -> Carrier:
    if settings.smtp_url is None:
        return Mailbox(settings.app_url)
    return Smtp(settings.smtp_url.get_secret_value(), settings.sender_address, settings.app_url)


if __name__ == "__main__":
    asyncio.run(main())
