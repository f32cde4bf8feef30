"""Every SELECT of organizations."""

from typing import Any
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from libs.database import Listing, Session
from services.auth.accounts.models import Account
from services.auth.conflicts import conflicts
from services.auth.organizations.errors import DomainTaken, OrganizationNotFound, SlugTaken
from services.auth.organizations.models import Member, Organization, Role, Status
from services.auth.roles.models import OF_ROLE, OrganizationRole

TAKEN = {"ix_organization_domain": DomainTaken, "uq_organization_slug": SlugTaken}
LISTING = Listing(
    columns={
        "id": Organization.id,
        "name": Organization.name,
        "slug": Organization.slug,
        "status": Organization.status,
        "plan": Organization.plan,
        "isPersonal": Organization.is_personal,
        "createdAt": Organization.created_at,
    },
    sortable=("createdAt", "name", "slug"),
    order="createdAt",
    key="id",
    searchable=("name", "slug"),
)


class Organizations:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, name: str, slug: str, domain: str | None, *, is_personal: bool) -> UUID | None:
        """Its id; None where the slug is taken. Raises DomainTaken."""
        row = {"name": name, "slug": slug, "domain": domain, "is_personal": is_personal}
        added = insert(Organization).values(row).on_conflict_do_nothing(index_elements=["slug"])
        with conflicts({"ix_organization_domain": DomainTaken}):
            return await self._session.scalar(added.returning(Organization.id))

    async def add_member(self, organization_id: UUID, user_id: int, role: str) -> None:
        self._session.add(Member(organization_id=organization_id, user_id=user_id, role=role))
        await self._session.flush()

    async def join(self, organization_id: UUID, user_id: int, role: str) -> bool:
        """Make somebody a member; False where they are one already."""
        row = {"organization_id": organization_id, "user_id": user_id, "role": role}
        added = insert(Member).values(row).on_conflict_do_nothing().returning(Member.user_id)
        return await self._session.scalar(added) is not None

    async def has_domain(self, domain: str) -> bool:
        return await self._session.scalar(select(Organization.id).where(Organization.domain == domain)) is not None

    async def get(self, organization_id: UUID, *, lock: bool = False) -> Organization:
        """Raises OrganizationNotFound. Who holds the lock decides alone who is a member, and in which role."""
        found = await self._session.get(Organization, organization_id, with_for_update=lock or None)
        if found is None:
            raise OrganizationNotFound
        return found

    async def membership(self, organization_id: UUID, user_id: int) -> tuple[str, list[dict[str, Any]]] | None:
        """An active account's role and what it permits; None where they are no member."""
        query = (
            select(Member.role, OrganizationRole.permissions)
            .join(Account, and_(Account.user_id == Member.user_id, Account.is_active))
            .join(OrganizationRole, OF_ROLE)
            .where(Member.organization_id == organization_id, Member.user_id == user_id)
        )
        found = (await self._session.execute(query)).first()
        return (found.role, found.permissions) if found else None

    async def member(self, organization_id: UUID, user_id: int) -> Member | None:
        return await self._session.get(Member, (organization_id, user_id))

    async def save(self, organization: Organization) -> None:
        """Write what changed of it. Raises SlugTaken, DomainTaken."""
        with conflicts(TAKEN):
            await self._session.flush()

    async def page(
        self, user_id: int, only: UUID | None, query: ListQuery
    ) -> tuple[list[tuple[Organization, str]], Pagination]:
        """The organizations that somebody belongs to, each with their role; of one credential's organization alone."""
        is_theirs = exists().where(Member.organization_id == Organization.id, Member.user_id == user_id)
        rows = select(Organization).where(is_theirs, Organization.status != Status.DELETED)
        if only:
            rows = rows.where(Organization.id == only)
        found, pagination = await LISTING.page(self._session, rows, query)
        asked = select(Member.organization_id, Member.role).where(
            Member.user_id == user_id, Member.organization_id.in_([one.id for one in found])
        )
        roles = {row.organization_id: row.role for row in await self._session.execute(asked)}
        return [(one, roles[one.id]) for one in found if one.id in roles], pagination

    async def count_owned(self, user_id: int) -> int:
        """Those that are not deleted. Until the transaction ends nobody else counts them, to found one more."""
        await self._session.execute(
            select(Account.user_id).where(Account.user_id == user_id).with_for_update(key_share=True)
        )
        owned = select(func.count()).where(Organization.owner_id == user_id, Organization.status != Status.DELETED)
        return (await self._session.scalar(owned)) or 0

    async def has_others(self, organization_id: UUID, user_id: int) -> bool:
        """Whether anybody else belongs to it."""
        others = select(Member.user_id).where(Member.organization_id == organization_id, Member.user_id != user_id)
        return await self._session.scalar(others.limit(1)) is not None

    async def has_admin(self, organization_id: UUID) -> bool:
        admins = select(Member.user_id).where(Member.organization_id == organization_id, Member.role == Role.ADMIN)
        return await self._session.scalar(admins.limit(1)) is not None

    async def account_ids(self, user_ids: set[int]) -> dict[int, UUID]:
        """The UUIDs of accounts that row-level security shows."""
        asked = select(Account.user_id, Account.id).where(Account.user_id.in_(user_ids))
        return {row.user_id: row.id for row in await self._session.execute(asked)}

    async def shown_name(self, user_id: int) -> str:
        """How an account is called; empty where row-level security shows none."""
        shown = select(func.coalesce(Account.display_name, Account.username)).where(Account.user_id == user_id)
        return (await self._session.scalar(shown)) or ""

    async def address(self, user_id: int) -> str | None:
        """An active account's e-mail address."""
        return await self._session.scalar(select(Account.email).where(Account.user_id == user_id, Account.is_active))

    async def homeless(self, organization_id: UUID) -> list[tuple[int, str]]:
        """Its members who belong to no other organization that is not deleted: user_id and username."""
        other = exists().where(
            Member.user_id == Account.user_id,
            Member.organization_id == Organization.id,
            Organization.id != organization_id,
            Organization.status != Status.DELETED,
        )
        is_member = Account.user_id.in_(select(Member.user_id).where(Member.organization_id == organization_id))
        rows = await self._session.execute(select(Account.user_id, Account.username).where(is_member, ~other))
        return [(row.user_id, row.username) for row in rows]

    async def is_homeless(self, user_id: int) -> bool:
        """Whether somebody belongs to no organization that is not deleted."""
        homes = (
            select(Member.organization_id)
            .join(Organization, Organization.id == Member.organization_id)
            .where(Member.user_id == user_id, Organization.status != Status.DELETED)
        )
        return await self._session.scalar(homes.limit(1)) is None
