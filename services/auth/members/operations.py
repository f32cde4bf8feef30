"""What can be done with members. Whoever calls holds the organization's lock, so that no two of these race."""

from orrery.auth.organizations.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.errors import Invalid, Violation
from services.auth.api_keys.operations import hand_over as hand_keys_over
from services.auth.invitations.repository import Invitations
from services.auth.members.errors import HeirSuspended, MemberNotFound
from services.auth.members.repository import ACTIVE, Members, Person
from services.auth.organizations.errors import LastAdmin, OwnerStays, PersonalStays
from services.auth.organizations.models import Role
from services.auth.organizations.operations import give_home
from services.auth.organizations.repository import Organizations
from services.auth.organizations.standing import Standing
from services.auth.roles.models import OrganizationRole
from services.auth.sessions import operations as sessions
from services.auth.sessions.invalidation import Kind, invalidate, membership
from services.auth.users.visibility import View
from services.auth.versions import ensure_current

LEFT, REMOVED, ROLE_CHANGED = "left", "removed", "role_changed"


async def found(session: Session, standing: Standing, account_id: str, action: str) -> Person:
    """A member whom role and credential let the caller see, or change; raises MemberNotFound."""
    person = await Members(session, standing.id).person(account_id)
    if not View.of(standing, "members", action).shows(person):
        raise MemberNotFound
    return person


async def change_role(session: Session, standing: Standing, account_id: str, role: str, seen: int | None) -> Person:
    """Give a member another role; tells nobody where it is the one that they have.

    Raises MemberNotFound, VersionOutdated, Invalid for an unknown role, GrantsTooMuch, OwnerStays, LastAdmin.
    """
    members = Members(session, standing.id)
    person = await found(session, standing, account_id, "update")
    ensure_current(seen, person.member_version)
    wanted = await role_of(session, standing, role)
    standing.ensure_covers(person.role, person.permissions)
    standing.ensure_covers(wanted.name, wanted.permissions)
    if wanted.name == person.role:
        return person
    if person.user_id == standing.organization.owner_id:
        raise OwnerStays
    await put(session, standing, person, wanted.name)
    await ensure_admin(session, standing)
    return await members.person(account_id)


async def put(session: Session, standing: Standing, person: Person, role: str) -> None:
    """Write the role and tell of it."""
    member = await Members(session, standing.id).get(person.user_id)
    told = events.MemberRoleChanged(
        organization_id=standing.organization_id, user_id=member.user_id, role=role, previous_role=member.role
    )
    member.role = role
    await session.flush()
    outbox.publish(session, told, key=standing.organization_id)
    outdate(session, standing, member.user_id, ROLE_CHANGED)
    if role != Role.ADMIN:
        await withdraw(session, standing, member.user_id)


async def role_of(session: Session, standing: Standing, name: str) -> OrganizationRole:
    """One of the organization's roles by its name; raises Invalid."""
    found = await Members(session, standing.id).role(name)
    if found is None:
        unknown = Violation("role", "There is no such role in this organization.", "unknown")
        raise Invalid("The request breaks the rules of its fields.", (unknown,))
    return found


async def remove(session: Session, standing: Standing, account_id: str, seen: int | None) -> None:
    """Take somebody out of the organization; oneself is to leave.

    Raises MemberNotFound, VersionOutdated, GrantsTooMuch, OwnerStays, LastAdmin.
    """
    person = await found(session, standing, account_id, "delete")
    ensure_current(seen, person.member_version)
    standing.ensure_covers(person.role, person.permissions)
    await take_out(session, standing, person, LEFT if person.user_id == standing.user_id else REMOVED)


async def leave(session: Session, standing: Standing) -> None:
    """The caller leaves. Raises PersonalStays, OwnerStays, LastAdmin, MemberNotFound."""
    if standing.organization.is_personal and standing.is_owner:
        raise PersonalStays
    person = await Members(session, standing.id).person(standing.identity.subject)
    await take_out(session, standing, person, LEFT)


async def take_out(session: Session, standing: Standing, person: Person, reason: str) -> None:
    """End a membership; the API keys that they made for the organization go on in its owner's name."""
    if person.user_id == standing.organization.owner_id:
        raise OwnerStays
    told = events.MemberRemoved(
        organization_id=standing.organization_id, user_id=person.user_id, reason=reason, role=person.role
    )
    await sessions.end_all(session, person.user_id, reason, organization_id=standing.id)
    await Members(session, standing.id).remove(person.user_id)
    await ensure_admin(session, standing)
    if standing.organization.owner_id:
        await hand_keys_over(session, standing.id, person.user_id, standing.organization.owner_id)
    outbox.publish(session, told, key=standing.organization_id)
    outdate(session, standing, person.user_id, reason)
    await withdraw(session, standing, person.user_id)
    await give_home(session, person.user_id, person.username)


async def withdraw(session: Session, standing: Standing, user_id: int) -> None:
    """End the open invitations of somebody who might not give those roles any more."""
    for invitation_id in await Invitations(session, standing.id).revoke_of(user_id):
        told = events.InvitationRevoked(organization_id=standing.organization_id, invitation_id=str(invitation_id))
        outbox.publish(session, told, key=standing.organization_id)


async def hand_over(session: Session, standing: Standing, account_id: str, seen: int | None) -> None:
    """Make another member the owner, and an ADMIN.

    Raises OwnerOnly, PersonalStays, VersionOutdated, MemberNotFound, HeirSuspended.
    """
    organization = standing.organization
    standing.ensure_owner()
    if organization.is_personal:
        raise PersonalStays
    ensure_current(seen, organization.version)
    person = await Members(session, standing.id).person(account_id)
    if person.user_id == organization.owner_id:
        return
    if person.status != ACTIVE:
        raise HeirSuspended
    if person.role != Role.ADMIN:
        await put(session, standing, person, Role.ADMIN)
    told = events.OwnershipTransferred(
        organization_id=standing.organization_id,
        user_id=person.user_id,
        previous_user_id=organization.owner_id or 0,
    )
    organization.owner_id = person.user_id
    await Organizations(session).save(organization)
    outbox.publish(session, told, key=standing.organization_id)


async def ensure_admin(session: Session, standing: Standing) -> None:
    """Raise LastAdmin where nobody would be left to manage the organization."""
    if not await Organizations(session).has_admin(standing.id):
        raise LastAdmin


def outdate(session: Session, standing: Standing, user_id: int, reason: str) -> None:
    """What says another role, or a membership that is no more, is refused within a second."""
    what = membership(standing.organization_id, user_id)
    invalidate(session, Kind.MEMBERSHIP, what, reason, user_id=user_id)
