"""Asking for a mail to one's own address, or to a new one."""

from libs.database import SYSTEM, Database
from services.auth.accounts.errors import AccountGone
from services.auth.recovery import operations
from services.auth.recovery.models import Purpose
from services.auth.recovery.passwords import Confirming, Desk, confirm, myself
from services.auth.recovery.repository import Secrets
from services.auth.recovery.tasks import may_mail
from services.auth.sessions.client import Client
from services.auth.throttles.errors import TooManyMails

CHANGING = Confirming("password", Purpose.CHANGE_EMAIL)


async def send_again(database: Database, user_id: int) -> None:
    """Mail the token for the person's own address again; nothing where it is proven. Raises TooManyMails."""
    async with database.transaction(SYSTEM) as session:
        account = await Secrets(session).active(user_id)
        if account is None:
            raise AccountGone
        if account.email_verified_at is not None:
            return
        if not await may_mail(session, user_id):
            raise TooManyMails
        await operations.mail_token(session, account, Purpose.VERIFY_EMAIL, account.email)


async def change(desk: Desk, user_id: int, email: str, password: str, client: Client) -> None:
    """Mail a token to a new address (in normal form), and change nothing yet.

    Raises WrongPassword, TooManyAttempts, TooManyMails.
    """
    ticket = await confirm(desk, await myself(desk, user_id), password, client, CHANGING)
    async with desk.database.transaction(SYSTEM) as session:
        account = await Secrets(session).active(user_id)
        if account is None:
            raise AccountGone
        await ticket.settle(session)
        if not await may_mail(session, user_id):
            raise TooManyMails
        await operations.ask_to_move(session, account, email)
