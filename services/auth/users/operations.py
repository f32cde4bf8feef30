"""What can be done with users."""

from typing import Any
from uuid import UUID

from orrery.auth.users.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs import outbox
from libs.database import SYSTEM, Database, Session
from services.auth.accounts import suspension
from services.auth.members.repository import ACTIVE, Person
from services.auth.organizations.errors import PlatformAdminOnly
from services.auth.privacy import operations as privacy
from services.auth.users.errors import OwnAccount
from services.auth.users.repository import Profiles, Users, anywhere
from services.auth.versions import ensure_current

EMPTY = "{}"
COLUMNS = {"firstName": "first_name", "lastName": "last_name", "avatar": "avatar", "metadata": "metadata"}


async def change_profile(session: Session, caller: Identity, values: dict[str, Any], seen: int | None) -> Person:
    """Change what the caller says of themselves; tells nobody where nothing changed.

    Raises UserNotFound where they left the organization that they act for, VersionOutdated.
    """
    users = Users(session, UUID(caller.organization_id))
    profiles = Profiles(session)
    await profiles.lock(caller.user_id)
    person = await users.get(caller.user_id)
    ensure_current(seen, person.version)
    known = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "avatar": person.avatar,
        "metadata": person.document or EMPTY,
    }
    changed = [field for field, value in values.items() if value != known[field]]
    if not changed:
        return person
    await profiles.write(caller.user_id, {COLUMNS[field]: values[field] for field in changed})
    told = events.ProfileUpdated(user_id=caller.user_id, changed=changed)
    outbox.publish(session, told, key=str(caller.user_id))
    return await users.get(caller.user_id)


def is_platform_admin(caller: Identity) -> bool:
    """Only a signed-in session has the powers of a platform administrator."""
    return caller.is_admin and caller.credential == Credential.CREDENTIAL_SESSION


async def ensure_platform_admin(database: Database, caller: Identity, target: str) -> None:
    """Raise PlatformAdminOnly, and tell of the attempt."""
    if is_platform_admin(caller):
        return
    async with database.transaction(SYSTEM) as session:
        refused = events.AdministrationRefused(user_id=caller.user_id, target=target)
        outbox.publish(session, refused, key=str(caller.user_id))
    raise PlatformAdminOnly


async def set_status(session: Session, caller: Identity, account_id: str, status: str, seen: int | None) -> Person:
    """Suspend an account everywhere, or let it act again; tells nobody where nothing changed.

    Raises UserNotFound, OwnAccount, VersionOutdated.
    """
    profiles = Profiles(session)
    preferred = UUID(caller.organization_id)
    person = await anywhere(session, account_id, preferred)
    if person.user_id == caller.user_id:
        raise OwnAccount
    await profiles.lock(person.user_id)
    account = await profiles.account(person.user_id)
    person = await anywhere(session, account_id, preferred)
    ensure_current(seen, person.version)
    if status != ACTIVE:
        await privacy.forbid_restoring(session, account.user_id)
    if account.is_active == (status == ACTIVE):
        return person
    await profiles.write(account.user_id, {})
    await (suspension.resume if status == ACTIVE else suspension.suspend)(session, account)
    return await anywhere(session, account_id, preferred)
