"""Every SELECT of roles."""

from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import func, select, update

from libs.database import Listing, Session
from services.auth.conflicts import conflicts
from services.auth.organizations.models import Member
from services.auth.roles.errors import RoleNameTaken, RoleNotFound
from services.auth.roles.models import OrganizationRole

LISTING = Listing(
    columns={
        "id": OrganizationRole.id,
        "name": OrganizationRole.name,
        "isSystem": OrganizationRole.is_system,
        "createdAt": OrganizationRole.created_at,
    },
    sortable=("createdAt", "name"),
    order="createdAt",
    key="id",
    searchable=("name",),
)
TAKEN = {"uq_organization_role_name": RoleNameTaken, "uq_organization_role_name_key": RoleNameTaken}


class Roles:
    """The roles of one organization."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        self._session, self._organization_id = session, organization_id

    async def page(self, query: ListQuery) -> tuple[list[OrganizationRole], Pagination]:
        rows = select(OrganizationRole).where(OrganizationRole.organization_id == self._organization_id)
        return await LISTING.page(self._session, rows, query)

    async def get(self, role_id: str, *, lock: bool = False) -> OrganizationRole:
        """Raises RoleNotFound."""
        query = select(OrganizationRole).where(
            OrganizationRole.organization_id == self._organization_id, OrganizationRole.id == identified(role_id)
        )
        found = await self._session.scalar(query.with_for_update() if lock else query)
        if found is None:
            raise RoleNotFound
        return found

    async def count(self) -> int:
        rows = select(func.count()).where(OrganizationRole.organization_id == self._organization_id)
        return (await self._session.scalar(rows)) or 0

    async def add(self, role: OrganizationRole) -> None:
        """Raises RoleNameTaken."""
        self._session.add(role)
        await self.save()

    async def save(self) -> None:
        """Write what changed. Raises RoleNameTaken."""
        with conflicts(TAKEN):
            await self._session.flush()

    async def delete(self, role: OrganizationRole) -> None:
        await self._session.delete(role)
        await self._session.flush()

    async def touch(self, name: str) -> None:
        """Those who have it are shown with it: their versions grow, too."""
        is_theirs = Member.organization_id == self._organization_id, Member.role == name
        await self._session.execute(update(Member).where(*is_theirs).values(version=Member.version + 1))

    async def members(self, name: str) -> list[int]:
        """The user_ids of those who have it."""
        rows = select(Member.user_id).where(Member.organization_id == self._organization_id, Member.role == name)
        return list(await self._session.scalars(rows))


def identified(text: str) -> UUID:
    """The id of a role; raises RoleNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise RoleNotFound from None
