"""orrery.auth.v1.MembersService."""

from collections.abc import Collection

from orrery.auth.v1 import organizations_pb2 as pb
from orrery.auth.v1 import organizations_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.members import operations
from services.auth.members.repository import Members, Person
from services.auth.moments import rfc3339
from services.auth.organizations.standing import Need, Standing, entered
from services.auth.users.visibility import View
from services.auth.versions import expected

SEE = Need("members", READ)
CHANGE = Need("members", "update", lock=True)
REMOVE = Need("members", "delete", lock=True, everywhere=True)


class MembersServicer(rpc.MembersServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListMembers(self, request: pb.ListMembersRequest, context: Context) -> pb.ListMembersResponse:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            members, manages = Members(session, standing.id), standing.may("members", "update")
            view = View.of(standing, "members")
            rows, pagination = await members.page(request.query, view.rows(), view.named, with_addresses=manages)
        items = [limited(to_proto(row, standing), view.fields(row)) for row in rows]
        return pb.ListMembersResponse(items=items, pagination=pagination)

    async def GetMember(self, request: pb.GetMemberRequest, context: Context) -> pb.Member:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            person = await operations.found(session, standing, request.user_id, READ)
        return limited(to_proto(person, standing), View.of(standing, "members").fields(person))

    async def UpdateMember(self, request: pb.UpdateMemberRequest, context: Context) -> pb.Member:
        async with entered(self._database, caller(), request.id, CHANGE) as (session, standing):
            changed = await operations.change_role(session, standing, request.user_id, request.role, expected(request))
            return to_proto(changed, standing)

    async def RemoveMember(self, request: pb.RemoveMemberRequest, context: Context) -> pb.RemoveMemberResponse:
        async with entered(self._database, caller(), request.id, REMOVE) as (session, standing):
            await operations.remove(session, standing, request.user_id, expected(request))
        return pb.RemoveMemberResponse()


def limited(member: pb.Member, shown: Collection[str]) -> pb.Member:
    """Of a member's fields those that are shown, by their public names."""
    for field in pb.Member.DESCRIPTOR.fields:
        if field.json_name not in shown:
            member.ClearField(field.name)  # type: ignore[arg-type]  # its names are literals to the stubs
    return member


def to_proto(person: Person, standing: Standing) -> pb.Member:
    """The e-mail address is for whoever manages members, and for the member."""
    may_see = person.user_id == standing.user_id or standing.may("members", "update")
    return pb.Member(
        user_id=str(person.id),
        organization_id=str(person.organization_id),
        role=person.role,
        is_owner=person.user_id == standing.organization.owner_id,
        username=person.username,
        display_name=person.shown_name,
        email=person.email if may_see else None,
        status=person.status,
        joined_at=rfc3339(person.joined_at),
        updated_at=rfc3339(person.member_updated_at),
        version=person.member_version,
    )
