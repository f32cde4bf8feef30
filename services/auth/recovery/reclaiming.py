"""An account that somebody registered with another's address, taken back by whoever reads that address's mail.

Until an address is proven, its account may be a stranger's trap: they register it, leave a passkey, a token, an app or
a second ADMIN in it, and wait for the owner of the address to find "their" account and fill it. Choosing a new password
by mail is the owner's first proof, so nothing from before may act for the account afterwards.
"""

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.oauth import operations as grants
from services.auth.recovery.operations import actor
from services.auth.recovery.repository import Secrets
from services.auth.sessions.invalidation import Kind, invalidate

RECLAIMED = "reclaimed"


async def reclaim(session: Session, account: Account) -> None:
    """Remove what else could act for the account, and tell where there was any."""
    for app in await Secrets(session).apps(account.user_id):
        await grants.end_all(session, app, grants.CLIENT_DELETED)
    removed = await Secrets(session).remove_credentials(account.user_id)
    emptied = await Secrets(session).empty_organizations(account.user_id)
    by = await actor(session, account.user_id)
    for organization_id in set(emptied):
        invalidate(session, Kind.ORGANIZATION, organization_id, RECLAIMED, by=by)
    removed += len(emptied)
    if removed:
        told = events.AccountReclaimed(user_id=account.user_id, id=str(account.id), removed=removed)
        outbox.publish(session, told, key=str(account.user_id), by=by)
