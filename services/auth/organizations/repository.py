"""Every SELECT of organizations."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from libs.database import Session
from services.auth.conflicts import conflicts
from services.auth.organizations.errors import DomainTaken
from services.auth.organizations.models import Member, Organization, Role


class Organizations:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, name: str, slug: str, domain: str | None, *, is_personal: bool) -> UUID | None:
        """Its id; None where the slug is taken. Raises DomainTaken."""
        row = {"name": name, "slug": slug, "domain": domain, "is_personal": is_personal}
        added = insert(Organization).values(row).on_conflict_do_nothing(index_elements=["slug"])
        with conflicts({"ix_organization_domain": DomainTaken}):
            return await self._session.scalar(added.returning(Organization.id))

    async def add_member(self, organization_id: UUID, user_id: int, role: Role) -> None:
        self._session.add(Member(organization_id=organization_id, user_id=user_id, role=role))
        await self._session.flush()

    async def has_domain(self, domain: str) -> bool:
        return await self._session.scalar(select(Organization.id).where(Organization.domain == domain)) is not None
