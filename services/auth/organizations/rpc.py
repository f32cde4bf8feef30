"""orrery.auth.v1.OrganizationsService."""

from uuid import UUID

from orrery.auth.v1 import organizations_pb2 as pb
from orrery.auth.v1 import organizations_pb2_grpc as rpc
from orrery.identity.v1.identity_pb2 import Credential

from libs.database import SYSTEM, Database, Session, Tenant
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.members import operations as members
from services.auth.organizations import answers, operations, rules
from services.auth.organizations.models import Role
from services.auth.organizations.repository import Organizations
from services.auth.organizations.settings import changes
from services.auth.organizations.standing import Need, Standing, entered
from services.auth.versions import expected

SEE = Need("memberships", READ)
CHANGE = Need("organizations", "update", lock=True)
LEAVE = Need("memberships", READ, lock=True, everywhere=True)
DELETE = Need("organizations", "delete", lock=True, everywhere=True)


class OrganizationsServicer(rpc.OrganizationsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def CreateOrganization(self, request: pb.CreateOrganizationRequest, context: Context) -> pb.Organization:
        charter = rules.new(request)
        async with self._database.transaction(SYSTEM) as session:
            made = await operations.create(session, caller(), charter)
        return answers.organization(made, Role.ADMIN, UUID(caller().subject), with_settings=True)

    async def ListOrganizations(
        self, request: pb.ListOrganizationsRequest, context: Context
    ) -> pb.ListOrganizationsResponse:
        identity = caller()
        only = None if identity.credential == Credential.CREDENTIAL_SESSION else UUID(identity.organization_id)
        async with self._database.transaction(Tenant(identity.user_id)) as session:
            rows, pagination = await Organizations(session).page(identity.user_id, only, request.query)
        items = [answers.organization(one, role, None, with_settings=False) for one, role in rows]
        return pb.ListOrganizationsResponse(items=items, pagination=pagination)

    async def GetOrganization(self, request: pb.GetOrganizationRequest, context: Context) -> pb.Organization:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            return await shown(session, standing)

    async def UpdateOrganization(self, request: pb.UpdateOrganizationRequest, context: Context) -> pb.Organization:
        values = rules.changes(request)
        async with entered(self._database, caller(), request.id, CHANGE) as (session, standing):
            await operations.update(session, standing, values, expected(request))
            return await shown(session, standing)

    async def DeleteOrganization(
        self, request: pb.DeleteOrganizationRequest, context: Context
    ) -> pb.DeleteOrganizationResponse:
        async with entered(self._database, caller(), request.id, DELETE) as (session, standing):
            await operations.delete(session, standing, request.confirm, expected(request))
        return pb.DeleteOrganizationResponse()

    async def GetSettings(self, request: pb.GetSettingsRequest, context: Context) -> pb.OrganizationSettings:
        async with entered(self._database, caller(), request.id, Need("organizations", READ)) as (_, standing):
            return answers.settings(standing.organization)

    async def UpdateSettings(self, request: pb.UpdateSettingsRequest, context: Context) -> pb.OrganizationSettings:
        values = changes(request)
        async with entered(self._database, caller(), request.id, CHANGE) as (session, standing):
            await operations.change_settings(session, standing, values, expected(request))
            return answers.settings(standing.organization)

    async def LeaveOrganization(
        self, request: pb.LeaveOrganizationRequest, context: Context
    ) -> pb.LeaveOrganizationResponse:
        async with entered(self._database, caller(), request.id, LEAVE) as (session, standing):
            await members.leave(session, standing)
        return pb.LeaveOrganizationResponse()

    async def TransferOrganization(self, request: pb.TransferOrganizationRequest, context: Context) -> pb.Organization:
        async with entered(self._database, caller(), request.id, CHANGE) as (session, standing):
            await members.hand_over(session, standing, request.user_id, expected(request))
            return await shown(session, standing)


async def shown(session: Session, standing: Standing) -> pb.Organization:
    """The organization as whoever stands there may see it."""
    one = standing.organization
    owners = await Organizations(session).account_ids({one.owner_id} if one.owner_id else set())
    owner = next(iter(owners.values()), None)
    return answers.organization(one, standing.role, owner, with_settings=standing.sees("settings"))
