"""Suspending an account, and letting it act again."""

from orrery.auth.users.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.sessions import operations as sessions
from services.auth.sessions.invalidation import Kind, invalidate

SUSPENDED, RESUMED = "suspended", "active"


async def suspend(session: Session, account: Account) -> None:
    """Let an account (locked, active) act no more: its sessions end, and what else it holds is refused in a second.

    The transaction is the service's own (SYSTEM).
    """
    account.is_active = False
    await session.flush()
    await sessions.end_all(session, account.user_id, SUSPENDED)
    outbox.publish(session, events.AccountSuspended(user_id=account.user_id), key=str(account.user_id))
    invalidate(session, Kind.ACCOUNT, account.id, SUSPENDED, user_id=account.user_id)


async def resume(session: Session, account: Account) -> None:
    """Let a suspended account (locked) act again; its people sign in anew, its keys work at once."""
    account.is_active = True
    await session.flush()
    outbox.publish(session, events.AccountResumed(user_id=account.user_id), key=str(account.user_id))
    invalidate(session, Kind.ACCOUNT, account.id, RESUMED, user_id=account.user_id)
