"""What can be done with roles."""

from dataclasses import dataclass
from typing import Any

from orrery.auth.organizations.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from services.auth.invitations.repository import Invitations
from services.auth.organizations.operations import as_json, differences
from services.auth.organizations.standing import Standing
from services.auth.roles.errors import RoleInUse, RoleNameTaken, SystemRoleStays, TooManyRoles
from services.auth.roles.models import OrganizationRole
from services.auth.roles.names import RESERVED, key_of
from services.auth.roles.repository import Roles
from services.auth.sessions.invalidation import Kind, invalidate, membership
from services.auth.versions import ensure_current

MOST = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """What a role is to be; None stays."""

    name: str | None
    description: str | None
    permissions: list[dict[str, Any]] | None


async def create(session: Session, standing: Standing, draft: Draft) -> OrganizationRole:
    """Make a role. Raises GrantsTooMuch, RoleNameTaken, TooManyRoles."""
    roles = Roles(session, standing.id)
    name = draft.name or ""
    ensure_own(name)
    standing.ensure_covers(name, draft.permissions or [])
    if await roles.count() >= MOST:
        raise TooManyRoles(MOST)
    role = OrganizationRole(
        organization_id=standing.id,
        name=name,
        name_key=key_of(name),
        description=draft.description or "",
        permissions=draft.permissions or [],
    )
    await roles.add(role)
    told = events.RoleCreated(
        organization_id=standing.organization_id, role_id=str(role.id), name=name, permissions=as_json(role.permissions)
    )
    outbox.publish(session, told, key=standing.organization_id)
    return role


async def update(
    session: Session, standing: Standing, role_id: str, draft: Draft, seen: int | None
) -> OrganizationRole:
    """Change a role: its members' access tokens are renewed. Tells nobody where nothing changed.

    Raises RoleNotFound, SystemRoleStays, VersionOutdated, GrantsTooMuch, RoleNameTaken.
    """
    roles = Roles(session, standing.id)
    role = await own(roles, role_id, seen)
    ensure_own(draft.name or role.name)
    standing.ensure_covers(role.name, role.permissions)
    standing.ensure_covers(role.name, draft.permissions or [])
    sent = {"name": draft.name, "description": draft.description, "permissions": draft.permissions}
    values = {name: value for name, value in sent.items() if value is not None}
    changed = list(differences({name: getattr(role, name) for name in values}, values))
    if not changed:
        return role
    holders = await roles.members(role.name)
    for name, value in values.items():
        setattr(role, name, value)
    role.name_key = key_of(role.name)
    await roles.save()
    await roles.touch(role.name)
    told = events.RoleUpdated(organization_id=standing.organization_id, role_id=str(role.id), changes=changed)
    outbox.publish(session, told, key=standing.organization_id)
    for user_id in holders:
        what = membership(standing.organization_id, user_id)
        invalidate(session, Kind.MEMBERSHIP, what, "role_updated", user_id=user_id)
    return role


async def delete(session: Session, standing: Standing, role_id: str, seen: int | None) -> None:
    """Delete a role. Raises RoleNotFound, SystemRoleStays, VersionOutdated, GrantsTooMuch, RoleInUse."""
    roles = Roles(session, standing.id)
    role = await own(roles, role_id, seen)
    standing.ensure_covers(role.name, role.permissions)
    if await roles.members(role.name) or await Invitations(session, standing.id).has_open(role.name):
        raise RoleInUse
    await roles.delete(role)
    told = events.RoleDeleted(organization_id=standing.organization_id, role_id=str(role.id), name=role.name)
    outbox.publish(session, told, key=standing.organization_id)


def ensure_own(name: str) -> None:
    """Raise RoleNameTaken for what looks like a system role."""
    if key_of(name) in RESERVED:
        raise RoleNameTaken


async def own(roles: Roles, role_id: str, seen: int | None) -> OrganizationRole:
    """A role of the organization's own, locked: nobody is given it until the transaction ends."""
    role = await roles.get(role_id, lock=True)
    if role.is_system:
        raise SystemRoleStays
    ensure_current(seen, role.version)
    return role
