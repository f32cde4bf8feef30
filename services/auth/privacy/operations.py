"""What people can ask for: the end of their account, its return while there is time, a copy of their data."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orrery.auth.privacy.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session, Tenant
from libs.jobs import defer
from libs.jobs.deferring import cancel
from services.auth.accounts.errors import AccountGone
from services.auth.api_keys.operations import hand_over as hand_keys_over
from services.auth.mails import Letter, post
from services.auth.moments import rfc3339
from services.auth.privacy.errors import ExportNotFound, OwnsOrganizations, RecentSignInRequired, RestoreRefused
from services.auth.privacy.models import ErasureState, PersonalExport
from services.auth.privacy.repository import Erasures, Exports
from services.auth.sessions import operations as sessions
from services.auth.sessions.invalidation import Kind, invalidate

QUEUE, ERASE, EXPORT, SWEEP = "privacy", "erase_account", "export_person", "expire_exports"
RECENT = timedelta(minutes=15)
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose session asks."""

    user_id: int
    session_id: UUID


async def schedule_erasure(session: Session, asker: Asker, grace: timedelta) -> datetime:
    """Switch the account off and have it erased after the grace; answers when.

    Raises RecentSignInRequired, OwnsOrganizations, AccountGone.
    """
    erasures = Erasures(session)
    account = await erasures.account(asker.user_id)
    if account is None or not account.is_active:
        raise AccountGone
    if not await erasures.signed_in_within(asker.session_id, RECENT):
        raise RecentSignInRequired(int(RECENT.total_seconds()) // 60)
    if owned := await erasures.owned_with_others(asker.user_id):
        raise OwnsOrganizations(owned)
    token = secrets.token_urlsafe(32)
    scheduled = await erasures.schedule(asker.user_id, hashed(token), grace)
    account.is_active = False
    await sessions.end_all(session, asker.user_id, "deletion")
    invalidate(session, Kind.ACCOUNT, account.id, "deletion", user_id=asker.user_id)
    await defer(
        session, ERASE, {"user_id": asker.user_id}, queue=QUEUE, lock=lock_of(asker.user_id),
        after_seconds=grace.total_seconds(),
    )  # fmt: skip
    until = rfc3339(scheduled.erases_at)
    values = {"username": account.username, "link": f"/account/restore#token={token}", "until": until}
    await post(session, Letter(account.email, "account_deletion", values=values))
    told = events.AccountDeletionRequested(user_id=asker.user_id, id=str(account.id), erases_at=until)
    outbox.publish(session, told, key=str(asker.user_id))
    return scheduled.erases_at


async def restore(session: Session, token: str) -> None:
    """Take a deletion back; raises RestoreRefused."""
    user_id = await Erasures(session).restored(hashed(token))
    account = await Erasures(session).account(user_id) if user_id else None
    if user_id is None or account is None:
        raise RestoreRefused
    account.is_active = True
    await cancel(session, lock_of(user_id))
    told = events.AccountRestored(user_id=user_id, id=str(account.id))
    outbox.publish(session, told, key=str(user_id), by=Tenant(user_id))


async def erase(session: Session, user_id: int) -> bool:
    """Forget a person: what remains is the number that logs and other services know, and that it is gone.

    False where that was done before, or taken back. Organizations that others belong to go on with another owner.
    """
    erasures = Erasures(session)
    account = await erasures.account(user_id)
    due = ErasureState.SCHEDULED, ErasureState.FORBIDDEN
    if account is None or account.is_active:  # an administrator let it act again
        await erasures.end(user_id, *due, by=ErasureState.RESTORED)
        return False
    if not await erasures.end(user_id, *due, by=ErasureState.DONE):
        return False
    ended = await erasures.end_organizations(user_id)
    for organization_id, owner_id in await erasures.bequeath(user_id):
        await hand_keys_over(session, organization_id, user_id, owner_id, by=Tenant(user_id, str(organization_id)))
    await erasures.forget_address(account.email)
    await erasures.remove_rows(user_id)
    account.username, account.email = f"{DELETED}_{user_id}", f"{DELETED}-{user_id}@{DELETED}.invalid"
    account.password_hash, account.display_name = "!", None
    account.email_verified_at, account.is_admin, account.is_active = None, False, False
    for organization_id in ended:
        invalidate(session, Kind.ORGANIZATION, organization_id, "deletion", by=Tenant(user_id, str(organization_id)))
    told = events.AccountErased(user_id=user_id, id=str(account.id), organization_ids=[str(one) for one in ended])
    outbox.publish(session, told, key=str(user_id), by=Tenant(user_id))
    return True


async def forbid_restoring(session: Session, user_id: int) -> None:
    """Of an account that is suspended while it waits for its end: only an administrator may bring it back."""
    await Erasures(session).forbid(user_id)


async def request_export(session: Session, user_id: int) -> PersonalExport:
    """Have an archive made, unless one is being made already."""
    export, is_new = await Exports(session).pending(user_id)
    if is_new:
        await defer(session, EXPORT, {"export_id": str(export.id), "user_id": user_id}, queue=QUEUE)
        told = events.ExportRequested(user_id=user_id, export_id=str(export.id))
        outbox.publish(session, told, key=str(user_id))
    return export


async def export_of(session: Session, user_id: int, export_id: UUID) -> PersonalExport:
    """Raises ExportNotFound, of another person's too."""
    export = await Exports(session).get(export_id)
    if export is None or export.user_id != user_id:
        raise ExportNotFound
    return export


def lock_of(user_id: int) -> str:
    """What the erasure of one person is known by in the queue."""
    return f"erase-account-{user_id}"


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
