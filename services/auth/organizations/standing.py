"""What a caller is in an organization, and what they may do there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from orrery.auth.organizations.v1 import events_pb2 as events
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity

from libs import outbox
from libs.database import Database, Session, Tenant
from libs.errors import Forbidden
from libs.rpc.grants import conditions, permits
from libs.rpc.scopes import EVERY_SCOPE, READ, scopes_of
from services.auth.organizations.errors import (
    GrantsTooMuch,
    OrganizationNotEntered,
    OrganizationNotFound,
    OrganizationSuspended,
    OwnerOnly,
    PlatformAdminOnly,
    RoleTooLow,
)
from services.auth.organizations.models import Organization, Role, Status
from services.auth.organizations.repository import Organizations
from services.auth.roles.permissions import OPERATORS, granted, grants_of, holds
from services.auth.sessions.client import Client
from services.auth.sessions.limits import Limits

PLATFORM = frozenset((("memberships", READ), ("organizations", READ), ("organizations", "update")))
"""What a platform administrator may do in organizations that they do not belong to."""


@dataclass(frozen=True, slots=True)
class Need:
    """What an operation does: an action on a part of the organization.

    `lock` keeps others from changing who belongs to it meanwhile. `everywhere` lets it see its people's other
    organizations too; its queries name what they are about.
    """

    resource: str
    action: str
    lock: bool = False
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A caller in an organization. `grants` None permits all; `role` is empty for a platform administrator outside."""

    identity: Identity
    organization: Organization
    role: str
    grants: tuple[Grant, ...] | None

    @property
    def user_id(self) -> int:
        return self.identity.user_id

    @property
    def organization_id(self) -> str:
        return str(self.organization.id)

    @property
    def id(self) -> UUID:
        """The organization's."""
        return self.organization.id

    @property
    def is_owner(self) -> bool:
        return self.organization.owner_id == self.user_id

    @property
    def is_platform_admin(self) -> bool:
        """Only a signed-in session has the powers of a platform administrator."""
        return self.identity.is_admin and self.identity.credential == Credential.CREDENTIAL_SESSION

    def may(self, resource: str, action: str) -> bool:
        """Whether role and credential permit it."""
        if self.is_platform_admin and (resource, action) in PLATFORM:
            return True
        by_role = self.role != "" and (self.grants is None or permits(self.grants, resource, action))
        return by_role and self._credential_may(resource, action)

    def _credential_may(self, resource: str, action: str) -> bool:
        scopes = self.identity.scopes
        if EVERY_SCOPE not in scopes and not scopes_of(resource, (action,)) <= set(scopes):
            return False
        return not self.identity.grants or permits(self.identity.grants, resource, action)

    def ensure(self, need: Need) -> None:
        """Raises RoleTooLow, OrganizationNotEntered, OrganizationSuspended."""
        if not self.may(need.resource, need.action):
            raise RoleTooLow(need.resource, need.action)
        if self.identity.organization_id != self.organization_id and self._is_limited(need):
            raise OrganizationNotEntered
        if need.action != READ and self.organization.status != Status.ACTIVE and not self.is_platform_admin:
            raise OrganizationSuspended

    def sees(self, field: str) -> bool:
        """Whether role and credential let the caller read this field of the organization."""
        by_role = Identity(grants=self.grants or ())
        every = [conditions(one, "organizations", READ) for one in (by_role, self.identity)]
        return self.may("organizations", READ) and all(
            any(each.fields is None or field in each.fields for each in fitting) for fitting in every
        )

    def _is_limited(self, need: Need) -> bool:
        """Whether the role is limited to fields there, which gateways know of the organization acted for alone."""
        fitting = conditions(Identity(grants=self.grants or ()), need.resource, need.action)
        return all(one.fields is not None for one in fitting)

    def ensure_owner(self) -> None:
        if not self.is_owner:
            raise OwnerOnly

    def ensure_platform_admin(self) -> None:
        if not self.is_platform_admin:
            raise PlatformAdminOnly

    def ensure_covers(self, role: str, permissions: list[dict[str, object]]) -> None:
        """Raise GrantsTooMuch where a role permits more than the caller may do: by their role and their credential."""
        asked = None if role in (Role.ADMIN, Role.OPERATOR) else grants_of(permissions)
        if not (is_covered(self.grants, asked) and self._credential_covers(asked)):
            raise GrantsTooMuch

    def _credential_covers(self, asked: tuple[Grant, ...] | None) -> bool:
        if self.identity.grants:
            return is_covered(tuple(self.identity.grants), asked)
        if EVERY_SCOPE in self.identity.scopes:
            return True
        scopes = set(self.identity.scopes)
        return asked is not None and all(scopes_of(one.resource, tuple(one.actions)) <= scopes for one in asked)


def is_covered(owned: tuple[Grant, ...] | None, asked: tuple[Grant, ...] | None) -> bool:
    """Whether what is asked is within what is owned; None is everything."""
    return owned is None or (asked is not None and all(holds(owned, one) for one in asked))


@asynccontextmanager
async def entered(
    database: Database, identity: Identity, organization_id: str, need: Need
) -> AsyncIterator[tuple[Session, Standing]]:
    """A transaction for the organization, once the caller is found to belong to it and to be permitted.

    Raises OrganizationNotFound, RoleTooLow, OrganizationNotEntered, OrganizationSuspended. What is refused because of
    the caller's role is told, also where the block raises it.
    """
    tenant = Tenant(identity.user_id, str(identified(organization_id)))
    try:
        async with database.transaction(replace(tenant, is_system=need.everywhere)) as session:
            standing = await found(session, identity, UUID(tenant.organization_id), lock=need.lock)
            standing.ensure(need)
            yield session, standing
    except Forbidden as refusal:
        await note(database, tenant, need, refusal)
        raise


async def found(session: Session, identity: Identity, organization_id: UUID, *, lock: bool = False) -> Standing:
    """What the caller is in the organization; raises OrganizationNotFound, AddressNotAllowed, HttpsRequired."""
    if identity.credential != Credential.CREDENTIAL_SESSION and identity.organization_id != str(organization_id):
        raise OrganizationNotFound
    organization = await Organizations(session).get(organization_id, lock=lock)
    membership = await Organizations(session).membership(organization_id, identity.user_id)
    if membership is None:
        standing = Standing(identity, organization, "", ())
        if standing.is_platform_admin:
            return standing
        raise OrganizationNotFound
    role, permissions = membership
    standing = Standing(identity, organization, role, powers(role, permissions))
    if organization.status == Status.DELETED and not standing.is_platform_admin:
        raise OrganizationNotFound
    if refusal := Limits.of(organization.settings).refusal(Client.of(identity)):
        raise refusal  # a gateway knows the rules of the organization that the credential acts for, not of this one
    return standing


def powers(role: str, permissions: list[dict[str, object]]) -> tuple[Grant, ...] | None:
    """What a role permits in the organization itself; None for everything."""
    if role == Role.ADMIN:
        return None
    return OPERATORS if role == Role.OPERATOR else granted(role, permissions)


async def note(database: Database, tenant: Tenant, need: Need, refusal: Forbidden) -> None:
    """Tell of a refusal, in a transaction of its own, which stays when the call is refused."""
    refused = events.ActionRefused(
        organization_id=tenant.organization_id,
        user_id=tenant.user_id,
        resource=need.resource,
        action=need.action,
        reason=refusal.reason,
    )
    async with database.transaction(tenant) as session:
        outbox.publish(session, refused, key=tenant.organization_id, by=tenant)


def identified(text: str) -> UUID:
    """The id of an organization; raises OrganizationNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise OrganizationNotFound from None
