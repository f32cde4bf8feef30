"""orrery.auth.v1.RolesService."""

from orrery.auth.v1 import organizations_pb2 as pb
from orrery.auth.v1 import organizations_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.fields import given, refuse
from services.auth.moments import rfc3339
from services.auth.organizations.standing import Need, entered
from services.auth.roles import names, operations, permissions
from services.auth.roles.models import OrganizationRole
from services.auth.roles.operations import Draft
from services.auth.roles.repository import Roles
from services.auth.versions import expected

SEE = Need("roles", READ)
CREATE, CHANGE, DELETE = (Need("roles", action, lock=True) for action in ("create", "update", "delete"))


class RolesServicer(rpc.RolesServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListRoles(self, request: pb.ListRolesRequest, context: Context) -> pb.ListRolesResponse:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            rows, pagination = await Roles(session, standing.id).page(request.query)
        return pb.ListRolesResponse(items=[to_proto(row) for row in rows], pagination=pagination)

    async def GetRole(self, request: pb.GetRoleRequest, context: Context) -> pb.Role:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            return to_proto(await Roles(session, standing.id).get(request.role_id))

    async def CreateRole(self, request: pb.CreateRoleRequest, context: Context) -> pb.Role:
        draft = drafted(request)
        async with entered(self._database, caller(), request.id, CREATE) as (session, standing):
            return to_proto(await operations.create(session, standing, draft))

    async def UpdateRole(self, request: pb.UpdateRoleRequest, context: Context) -> pb.Role:
        draft, seen = drafted(request), expected(request)
        async with entered(self._database, caller(), request.id, CHANGE) as (session, standing):
            return to_proto(await operations.update(session, standing, request.role_id, draft, seen))

    async def DeleteRole(self, request: pb.DeleteRoleRequest, context: Context) -> pb.DeleteRoleResponse:
        async with entered(self._database, caller(), request.id, DELETE) as (session, standing):
            await operations.delete(session, standing, request.role_id, expected(request))
        return pb.DeleteRoleResponse()


def drafted(request: pb.CreateRoleRequest | pb.UpdateRoleRequest) -> Draft:
    """Raises Invalid."""
    name = request.name if isinstance(request, pb.CreateRoleRequest) else given(request, "name")
    refuse(*(names.violations(name) if name is not None else ()))
    kept = permissions.to_stored(request.permissions) if request.permissions else None
    return Draft(name, given(request, "description"), kept)


def to_proto(role: OrganizationRole) -> pb.Role:
    return pb.Role(
        id=str(role.id),
        name=role.name,
        description=role.description,
        is_system=role.is_system,
        permissions=[permissions.to_proto(one) for one in role.permissions],
        created_at=rfc3339(role.created_at),
        updated_at=rfc3339(role.updated_at),
        version=role.version,
    )
