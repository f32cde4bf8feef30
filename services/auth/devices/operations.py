"""What people do with their sessions."""

from uuid import UUID

from orrery.identity.v1.identity_pb2 import Identity

from libs.database import Session
from services.auth.accounts.repository import Accounts
from services.auth.devices.errors import SessionEnded, SessionNotFound
from services.auth.devices.repository import Devices
from services.auth.sessions import operations as sessions

REVOKED = "revoked"


async def revoke(session: Session, caller: Identity, session_id: UUID) -> None:
    """End a session of the caller's. Raises SessionNotFound."""
    if not await Devices(session, caller.user_id).has(session_id):
        raise SessionNotFound
    await sessions.end(session, session_id, REVOKED)


async def revoke_others(session: Session, caller: Identity) -> int:
    """End all sessions of the caller's but the one that asks; answers how many. Raises SessionEnded, AccountGone.

    Of several that ask at once the first one stays: they wait for each other at the account.
    """
    await Accounts(session).get_active(caller.user_id)
    if not await Devices(session, caller.user_id).has(UUID(caller.session_id)):
        raise SessionEnded
    return await sessions.end_all(session, caller.user_id, REVOKED, but=UUID(caller.session_id))
