"""Who may manage an organization's keys: its ADMINs, of whichever of their organizations."""

from uuid import UUID

from orrery.auth.api_keys.v1 import events_pb2 as events

from libs import outbox
from libs.database import Database, Session, Tenant
from libs.database.tenant import Caller
from services.auth.api_keys.errors import AdminRequired
from services.auth.api_keys.repository import role_in
from services.auth.organizations.errors import OrganizationNotFound
from services.auth.organizations.models import Role


async def administer(database: Database, caller: Caller, organization_id: str) -> Tenant:
    """For whom to transact. Raises OrganizationNotFound for a stranger, AdminRequired for a member of another role."""
    there = Tenant(caller.user_id, identified(organization_id))
    async with database.transaction(Tenant(caller.user_id)) as session:
        role = await role_in(session, caller.user_id, UUID(there.organization_id))
        if role is None:
            raise OrganizationNotFound
        if role != Role.ADMIN:
            note_refusal(session, there, role)
    if role != Role.ADMIN:
        raise AdminRequired
    return there


def identified(organization_id: str) -> str:
    """The id in its one spelling; raises OrganizationNotFound for what is none."""
    try:
        return str(UUID(organization_id))
    except ValueError:
        raise OrganizationNotFound from None


def note_refusal(session: Session, there: Tenant, role: str) -> None:
    refused = events.ApiKeyManagementRefused(organization_id=there.organization_id, user_id=there.user_id, role=role)
    outbox.publish(session, refused, key=there.organization_id, by=there)
