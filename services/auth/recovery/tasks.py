"""The job behind "forgot password": whether an address is an account's is found out here, where nobody waits for it."""

from libs.database import SYSTEM, Database, Session
from libs.jobs import Lease, Task, defer
from services.auth.recovery import operations
from services.auth.recovery.repository import Secrets
from services.auth.throttles.limits import Scope
from services.auth.throttles.operations import subject_of
from services.auth.throttles.repository import Count, Throttles

QUEUE = "recovery"
FORGOT = "forgot_password"


async def defer_reset(session: Session, email: str) -> None:
    """Have a token mailed to an address (in normal form), if it is an account's."""
    await defer(session, FORGOT, {"email": email}, queue=QUEUE)


def recovery_tasks(database: Database) -> dict[str, Task]:
    """The kinds of jobs of the queue `recovery`."""
    return {FORGOT: Task(Forgetting(database).run)}


class Forgetting:
    """The task, bound to what it works on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, lease: Lease) -> None:
        """Mail a token; nothing where the address is nobody's, or too many were mailed to it lately."""
        async with self._database.transaction(SYSTEM) as session:
            await lease.complete(session)
            account = await Secrets(session).of_address(lease.payload["email"])
            if account and await may_mail(session, account.user_id):
                await operations.begin_reset(session, account)


async def may_mail(session: Session, user_id: int) -> bool:
    """Count a mail that anybody can ask for; False where there were too many of late."""
    return bool(await Throttles(session).count([Count(Scope.MAIL, subject_of(user_id, ""))]))
