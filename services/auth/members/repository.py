"""Every SELECT of members: with their accounts, profiles and roles, one row a person of an organization."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.orm import Mapped

from libs.database import Listing, Model, Session
from services.auth.accounts.models import Account
from services.auth.members.errors import MemberNotFound
from services.auth.organizations.models import Member
from services.auth.roles.models import OF_ROLE, OrganizationRole
from services.auth.second_factors.models import Totp
from services.auth.users.models import Profile

ACTIVE, SUSPENDED = "active", "suspended"
PEOPLE = (
    select(
        Member.organization_id,
        Member.user_id,
        Member.role,
        Member.version.label("member_version"),
        Member.created_at.label("joined_at"),
        Member.updated_at.label("member_updated_at"),
        Account.id,
        Account.username,
        Account.email,
        func.coalesce(Account.display_name, Account.username).label("shown_name"),
        case((Account.is_active, ACTIVE), else_=SUSPENDED).label("status"),
        Account.email_verified_at.is_not(None).label("is_verified"),
        Account.created_at,
        func.greatest(Account.updated_at, Profile.updated_at).label("updated_at"),
        Profile.first_name,
        Profile.last_name,
        Profile.avatar,
        Profile.document.label("document"),
        Profile.last_login_at,
        (Member.version + func.coalesce(Profile.version, 0)).label("version"),
        func.coalesce(Totp.is_enabled, False).label("has_second_factor"),
        OrganizationRole.id.label("role_id"),
        OrganizationRole.description.label("role_description"),
        OrganizationRole.is_system.label("has_system_role"),
        OrganizationRole.permissions,
    )
    .join(Account, Account.user_id == Member.user_id)
    .join(OrganizationRole, OF_ROLE)
    .outerjoin(Profile, Profile.user_id == Member.user_id)
    .outerjoin(Totp, Totp.user_id == Member.user_id)
    .subquery("person")
)


class Person(Model):
    """Somebody as a member of an organization, to read alone."""

    __table__ = PEOPLE
    __mapper_args__ = {"primary_key": [PEOPLE.c.organization_id, PEOPLE.c.user_id]}  # noqa: RUF012  # SQLAlchemy's own

    if TYPE_CHECKING:  # the mapping is the query above
        organization_id: Mapped[UUID]
        user_id: Mapped[int]
        role: Mapped[str]
        member_version: Mapped[int]
        joined_at: Mapped[datetime]
        member_updated_at: Mapped[datetime]
        id: Mapped[UUID]
        username: Mapped[str]
        email: Mapped[str]
        shown_name: Mapped[str]
        status: Mapped[str]
        is_verified: Mapped[bool]
        created_at: Mapped[datetime]
        updated_at: Mapped[datetime]
        first_name: Mapped[str | None]
        last_name: Mapped[str | None]
        avatar: Mapped[str | None]
        document: Mapped[str | None]
        last_login_at: Mapped[datetime | None]
        version: Mapped[int]
        has_second_factor: Mapped[bool]
        role_id: Mapped[UUID]
        role_description: Mapped[str]
        has_system_role: Mapped[bool]
        permissions: Mapped[list[dict[str, Any]]]


LISTING = Listing(
    columns={
        "userId": Person.id,
        "role": Person.role,
        "username": Person.username,
        "status": Person.status,
        "createdAt": Person.joined_at,
    },
    sortable=("createdAt", "username", "role"),
    order="createdAt",
    key="userId",
    searchable=("username",),
)
WITH_ADDRESSES = replace(LISTING, columns={**LISTING.columns, "email": Person.email}, searchable=("username", "email"))
"""For whoever sees addresses: a filter finds out what an answer does not show."""


def within(listing: Listing, named: Collection[str]) -> Listing:
    """The listing by these fields alone; `createdAt`, its own order, stays."""
    kept = {name: column for name, column in listing.columns.items() if name in named or name == listing.order}
    return replace(
        listing,
        columns=kept,
        sortable=tuple(name for name in listing.sortable if name in kept),
        searchable=tuple(name for name in listing.searchable if name in kept),
    )


class Members:
    """The people of one organization."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        self._session, self._organization_id = session, organization_id

    async def page(
        self, query: ListQuery, visible: ColumnElement[bool], named: Collection[str], *, with_addresses: bool
    ) -> tuple[list[Person], Pagination]:
        """Of those who are visible, in an order and by filters of the fields that are named."""
        rows = select(Person).where(Person.organization_id == self._organization_id, visible)
        listing = within(WITH_ADDRESSES if with_addresses else LISTING, named)
        return await listing.page(self._session, rows, query)

    async def person(self, account_id: str) -> Person:
        """By the account's UUID; raises MemberNotFound."""
        rows = select(Person).where(
            Person.organization_id == self._organization_id, Person.id == identified(account_id)
        )
        found = await self._session.scalar(rows.execution_options(populate_existing=True))
        if found is None:
            raise MemberNotFound
        return found

    async def get(self, user_id: int) -> Member:
        """The membership, to be changed; raises MemberNotFound."""
        found = await self._session.get(Member, (self._organization_id, user_id), with_for_update=True)
        if found is None:
            raise MemberNotFound
        return found

    async def remove(self, user_id: int) -> None:
        """With it end the sessions that act for it."""
        is_theirs = Member.organization_id == self._organization_id, Member.user_id == user_id
        await self._session.execute(delete(Member).where(*is_theirs))

    async def role(self, name: str) -> OrganizationRole | None:
        """One of the organization's roles, kept from being deleted until the transaction ends."""
        query = select(OrganizationRole).where(
            OrganizationRole.organization_id == self._organization_id, OrganizationRole.name == name
        )
        return await self._session.scalar(query.with_for_update(read=True))


def identified(text: str) -> UUID:
    """The id of an account; raises MemberNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise MemberNotFound from None
