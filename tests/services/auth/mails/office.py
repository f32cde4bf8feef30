"""What was posted, and a worker that sends it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.headerregistry import Address

from sqlalchemy import select

from libs.database import SYSTEM, Database
from libs.jobs import Worker
from services.auth.mails import Letter, post
from services.auth.mails.delivery import Carrier, Smtp
from services.auth.mails.models import Mail
from services.auth.mails.operations import QUEUE
from services.auth.mails.tasks import mail_tasks

APP = "https://app.orrery.test"
SENDER = Address("Orrery", "no-reply", "orrery.test")


@asynccontextmanager
async def sending(database: Database, carrier: Carrier) -> AsyncIterator[None]:
    """A worker of the queue runs beside the block."""
    running = asyncio.create_task(Worker(database, mail_tasks(database, carrier), queues=[QUEUE]).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


def smtp(url: str) -> Smtp:
    return Smtp(url, SENDER, APP)


async def posted(database: Database, recipient: str, template: str | None = None) -> list[Mail]:
    """The mails to an address, oldest first."""
    query = select(Mail).where(Mail.recipient == recipient).order_by(Mail.created_at)
    async with database.transaction(SYSTEM) as session:
        return list(await session.scalars(query.where(Mail.template == template) if template else query))


async def send(database: Database, letter: Letter) -> None:
    async with database.transaction() as session:
        await post(session, letter)


async def state(database: Database, recipient: str) -> str:
    """Of the only mail to an address."""
    [mail] = await posted(database, recipient)
    return mail.status
