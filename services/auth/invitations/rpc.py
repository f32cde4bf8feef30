"""orrery.auth.v1.InvitationsService."""

from uuid import UUID

from orrery.auth.v1 import organizations_pb2 as pb
from orrery.auth.v1 import organizations_pb2_grpc as rpc

from libs.database import Database, Tenant
from libs.rpc import caller
from libs.rpc.handlers import Context
from libs.rpc.scopes import READ
from services.auth.accounts.rules import email_violations, normal_email
from services.auth.fields import refuse
from services.auth.invitations import operations
from services.auth.invitations.errors import InvitationNotFound
from services.auth.invitations.operations import Guest
from services.auth.invitations.repository import Invitations, ShownInvitation
from services.auth.members.repository import Members
from services.auth.members.rpc import to_proto as member_to_proto
from services.auth.moments import rfc3339
from services.auth.organizations.models import Role
from services.auth.organizations.repository import Organizations
from services.auth.organizations.standing import Need, Standing, entered
from services.auth.versions import expected

SEE = Need("invitations", READ)
INVITE, REVOKE = Need("invitations", "create", lock=True), Need("invitations", "delete", lock=True)


class InvitationsServicer(rpc.InvitationsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListInvitations(self, request: pb.ListInvitationsRequest, context: Context) -> pb.ListInvitationsResponse:
        async with entered(self._database, caller(), request.id, SEE) as (session, standing):
            rows, pagination = await Invitations(session, standing.id).page(request.query)
        return pb.ListInvitationsResponse(items=[to_proto(row) for row in rows], pagination=pagination)

    async def CreateInvitation(self, request: pb.CreateInvitationRequest, context: Context) -> pb.Invitation:
        email = normal_email(request.email)
        refuse(*email_violations(email))
        guest = Guest(email, request.role or Role.OPERATOR)
        async with entered(self._database, caller(), request.id, INVITE) as (session, standing):
            made, token = await operations.invite(session, standing, guest)
            return to_proto(made, token)

    async def RevokeInvitation(
        self, request: pb.RevokeInvitationRequest, context: Context
    ) -> pb.RevokeInvitationResponse:
        async with entered(self._database, caller(), request.id, REVOKE) as (session, standing):
            await operations.revoke(session, standing, identified(request.invitation_id), expected(request))
        return pb.RevokeInvitationResponse()

    async def AcceptInvitation(self, request: pb.AcceptInvitationRequest, context: Context) -> pb.Member:
        accepted = await operations.accept(self._database, caller(), request.token)
        async with self._database.transaction(Tenant(caller().user_id, str(accepted.organization_id))) as session:
            organization = await Organizations(session).get(accepted.organization_id)
            standing = Standing(caller(), organization, accepted.role, ())
            return member_to_proto(await Members(session, standing.id).person(caller().subject), standing)


def identified(text: str) -> UUID:
    """The id of an invitation; raises InvitationNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise InvitationNotFound from None


def to_proto(one: ShownInvitation, token: str | None = None) -> pb.Invitation:
    return pb.Invitation(
        id=str(one.id),
        organization_id=str(one.organization_id),
        email=one.email,
        role=one.role,
        status=one.state,
        invited_by=str(one.inviter) if one.inviter else None,
        expires_at=rfc3339(one.expires_at),
        accepted_at=rfc3339(one.accepted_at) if one.accepted_at else None,
        created_at=rfc3339(one.created_at),
        token=token,
        version=one.version,
    )
