"""orrery.auth.v1.UsersService."""

from uuid import UUID

from orrery.auth.v1 import users_pb2 as pb
from orrery.auth.v1 import users_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.fields import refuse
from services.auth.organizations.rules import STATUSES, choice_violations
from services.auth.organizations.standing import Need, entered
from services.auth.users import answers, operations, rules
from services.auth.users.repository import Users, anywhere
from services.auth.users.visibility import USERS, View
from services.auth.versions import expected

SEE = Need(USERS, READ)


class UsersServicer(rpc.UsersServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListUsers(self, request: pb.ListUsersRequest, context: Context) -> pb.ListUsersResponse:
        async with entered(self._database, caller(), caller().organization_id, SEE) as (session, standing):
            view = View.of(standing)
            rows, pagination = await Users(session, standing.id).page(view, request.query)
        items = [answers.user(row, view.fields(row)) for row in rows]
        return pb.ListUsersResponse(items=items, pagination=pagination)

    async def GetUser(self, request: pb.GetUserRequest, context: Context) -> pb.User:
        if operations.is_platform_admin(caller()):
            async with self._database.transaction(SYSTEM) as session:
                return answers.user(await anywhere(session, request.id, UUID(caller().organization_id)))
        async with entered(self._database, caller(), caller().organization_id, SEE) as (session, standing):
            view = View.of(standing)
            person = await Users(session, standing.id).seen(view, request.id)
        return answers.user(person, view.fields(person))

    async def UpdateUser(self, request: pb.UpdateUserRequest, context: Context) -> pb.User:
        refuse(*choice_violations("status", request.status, STATUSES))
        await operations.ensure_platform_admin(self._database, caller(), request.id)
        async with self._database.transaction(SYSTEM) as session:
            changed = await operations.set_status(session, caller(), request.id, request.status, expected(request))
        return answers.user(changed)

    async def GetCurrentUser(self, request: pb.GetCurrentUserRequest, context: Context) -> pb.User:
        async with self._database.transaction(caller()) as session:
            return answers.user(await Users(session, UUID(caller().organization_id)).get(caller().user_id))

    async def UpdateCurrentUser(self, request: pb.UpdateCurrentUserRequest, context: Context) -> pb.User:
        values = rules.changes(request)
        async with self._database.transaction(caller()) as session:
            return answers.user(await operations.change_profile(session, caller(), values, expected(request)))
