"""An account that somebody registered with another's address, taken back by whoever reads that address's mail.

Until an address is proven, its account may be a stranger's trap: they register it, leave a passkey or a token in it,
and wait for the owner of the address to find "their" account and fill it. Choosing a new password by mail is the
owner's first proof, so nothing from before may act for the account afterwards.
"""

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.recovery.operations import actor
from services.auth.recovery.repository import Secrets


async def reclaim(session: Session, account: Account) -> None:
    """Remove what else could act for the account, and tell where there was any."""
    removed = await Secrets(session).remove_credentials(account.user_id)
    if removed:
        told = events.AccountReclaimed(user_id=account.user_id, id=str(account.id), removed=removed)
        outbox.publish(session, told, key=str(account.user_id), by=await actor(session, account.user_id))
