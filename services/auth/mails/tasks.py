"""The job that sends a mail.

A mail is handed over outside of any transaction; then it is noted as sent, and what it said is erased. A worker that
dies between the two sends it once more, under the same Message-ID.
"""

from datetime import timedelta
from uuid import UUID

from libs.database import SYSTEM, Database
from libs.errors import Refusal
from libs.jobs import Lease, Task
from libs.telemetry import get_logger
from services.auth.mails.delivery import Carrier
from services.auth.mails.models import State
from services.auth.mails.operations import SEND
from services.auth.mails.repository import Mails

log = get_logger(__name__)
ATTEMPTS = 24  # the last one some 80 minutes after the first; the links of most mails are over by then
FORGET = "forget_mails"
FORGET_EVERY_SECONDS = 3600
KEPT = timedelta(days=30)
BATCH = 1_000
SPENT = "The mail server could not be reached for too long."


def mail_tasks(database: Database, carrier: Carrier) -> dict[str, Task]:
    """The kinds of jobs of the queue `mails`."""
    work = Sending(database, carrier)
    return {
        SEND: Task(work.run, work.give_up, attempts=ATTEMPTS),
        FORGET: Task(work.forget, every_seconds=FORGET_EVERY_SECONDS),
    }


class Sending:
    """The tasks, bound to what they work on."""

    def __init__(self, database: Database, carrier: Carrier) -> None:
        self._database, self._carrier = database, carrier

    async def run(self, lease: Lease) -> None:
        """Send the payload's mail; one that is gone or was sent ends the job quietly."""
        mail_id = UUID(lease.payload["mail_id"])
        async with self._database.transaction(SYSTEM) as session:
            mail = await Mails(session).waiting(mail_id)
        if mail is None:
            return
        state, content = await self._carrier.carry(mail)
        async with self._database.transaction(SYSTEM) as session:
            await lease.complete(session)
            await Mails(session).end(mail_id, state, content=content)

    async def give_up(self, lease: Lease, refusal: Refusal | None) -> None:
        """Note that it was not sent, and why."""
        why = refusal.details.get("answer", refusal.message) if refusal else SPENT
        async with self._database.transaction(SYSTEM) as session:
            await lease.complete(session)
            await Mails(session).end(UUID(lease.payload["mail_id"]), State.FAILED, failure=why)
        log.warning("mail_failed", mail=lease.payload["mail_id"], reason=refusal.reason if refusal else "SPENT")

    async def forget(self, lease: Lease) -> None:
        """Delete what was sent a month ago."""
        async with self._database.transaction(SYSTEM) as session:
            count = await Mails(session).forget(KEPT, BATCH)
        log.info("mails_forgotten", count=count)
