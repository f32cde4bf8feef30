"""What can be done with invitations.

A token is good once, for seven days, and for the address that was invited unless the organization's settings say that
it is for whoever holds it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from orrery.auth.organizations.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Identity

from libs import outbox
from libs.database import SYSTEM, Database, Session, Tenant
from libs.database.tenant import Caller
from libs.errors import Refusal
from services.auth.invitations import tokens
from services.auth.invitations.errors import (
    AlreadyMember,
    InvitationForAnother,
    InvitationNotFound,
    TooManyInvitations,
)
from services.auth.invitations.models import Invitation
from services.auth.invitations.repository import Found, Invitations, ShownInvitation, open_one, spend
from services.auth.mails import Letter, post
from services.auth.members.operations import role_of
from services.auth.organizations.models import Role, Status
from services.auth.organizations.repository import Organizations
from services.auth.organizations.settings import OrganizationSettings
from services.auth.organizations.standing import Standing
from services.auth.versions import ensure_current

LIFETIME = timedelta(days=7)
A_DAY, MOST = timedelta(days=1), 500  # each is a mail to somebody who did not ask for it
LINK = "/account/join#token="


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whoever registers with an invitation's token founds nothing, but joins."""

    token: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom to invite: an address in normal form, and the name of a role."""

    email: str
    role: str = Role.OPERATOR


async def invite(session: Session, standing: Standing, guest: Guest) -> tuple[ShownInvitation, str]:
    """Invite somebody: the invitation, and its token, which is mailed to them and can be read nowhere again.

    Raises Invalid for an unknown role, GrantsTooMuch, AlreadyMember, InvitationOpen, TooManyInvitations.
    """
    invitations = Invitations(session, standing.id)
    role = await role_of(session, standing, guest.role)
    standing.ensure_covers(role.name, role.permissions)
    if await invitations.is_member(guest.email):
        raise AlreadyMember
    if await invitations.count(A_DAY) >= MOST:
        raise TooManyInvitations(MOST)
    await invitations.end_expired(guest.email)
    token = tokens.make()
    made = Invitation(
        organization_id=standing.id,
        email=guest.email,
        role=role.name,
        token_hash=tokens.hashed(token),
        invited_by=standing.user_id,
    )
    await invitations.add(made, LIFETIME)
    await tell_guest(session, standing, guest, token)
    told = events.InvitationCreated(
        organization_id=standing.organization_id, invitation_id=str(made.id), email=guest.email, role=role.name
    )
    outbox.publish(session, told, key=standing.organization_id)
    return await invitations.shown(made.id), token


async def tell_guest(session: Session, standing: Standing, guest: Guest, token: str) -> None:
    inviter = await Organizations(session).shown_name(standing.user_id)
    values = {"organization": standing.organization.name, "inviter": inviter, "link": LINK + token}
    await post(session, Letter(guest.email, "invitation", values=values))


async def revoke(session: Session, standing: Standing, invitation_id: UUID, seen: int | None) -> None:
    """Withdraw an invitation. Raises InvitationNotFound, of one that was accepted or withdrawn too; VersionOutdated."""
    invitations = Invitations(session, standing.id)
    if not await invitations.revoke(invitation_id, seen):
        found = await invitations.shown(invitation_id)
        ensure_current(seen, found.version)
        raise InvitationNotFound
    told = events.InvitationRevoked(organization_id=standing.organization_id, invitation_id=str(invitation_id))
    outbox.publish(session, told, key=standing.organization_id)


async def accept(database: Database, caller: Identity, token: str) -> Found:
    """Join by a token. Raises InvitationNotFound, InvitationForAnother, AlreadyMember; each refusal is told."""
    found: Found | None = None
    try:
        async with database.transaction(SYSTEM) as session:
            found = await opened(session, token)
            await ensure_for(session, found, await Organizations(session).address(caller.user_id))
            return await join(session, found, caller.user_id)
    except Refusal as refusal:
        await note_refusal(database, caller.user_id, found, refusal)
        raise


async def usable(session: Session, token: str, email: str | None) -> Found:
    """The open invitation of a token that this address may accept; raises InvitationNotFound, InvitationForAnother."""
    found = await opened(session, token)
    await ensure_for(session, found, email)
    return found


async def opened(session: Session, token: str) -> Found:
    """The open invitation of a token; raises InvitationNotFound."""
    found = await open_one(session, tokens.hashed(token))
    if found is None:
        raise InvitationNotFound
    return found


async def ensure_for(session: Session, found: Found, email: str | None) -> None:
    """Raise InvitationForAnother where this address may not accept the invitation."""
    organization = await Organizations(session).get(found.organization_id)
    if email != found.email and not OrganizationSettings.of(organization.settings).open_invitations:
        raise InvitationForAnother


async def join(session: Session, found: Found, user_id: int, by: Caller | None = None) -> Found:
    """Spend the invitation and become a member, in the role as it is called by then.

    Raises InvitationNotFound where somebody was faster, AlreadyMember.
    """
    organizations = Organizations(session)
    organization = await organizations.get(found.organization_id, lock=True)
    role = await spend(session, found.id, user_id) if organization.status == Status.ACTIVE else None
    if role is None:
        raise InvitationNotFound
    if not await organizations.join(found.organization_id, user_id, role):
        raise AlreadyMember
    told = events.MemberJoined(
        organization_id=str(found.organization_id), user_id=user_id, role=role, invitation_id=str(found.id)
    )
    outbox.publish(session, told, key=str(found.organization_id), by=by)
    return replace(found, role=role)


async def note_refusal(database: Database, user_id: int, found: Found | None, refusal: Refusal) -> None:
    """In a transaction of its own, which stays when the call is refused."""
    organization_id = str(found.organization_id) if found else ""
    told = events.InvitationRefused(
        organization_id=organization_id,
        invitation_id=str(found.id) if found else "",
        user_id=user_id,
        reason=refusal.reason,
    )
    async with database.transaction(SYSTEM) as session:
        outbox.publish(session, told, key=organization_id or str(user_id), by=Tenant(user_id, organization_id))
