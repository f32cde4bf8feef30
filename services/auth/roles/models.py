"""The table auth.organization_role."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, and_, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped
from services.auth.organizations.models import Member


class OrganizationRole(Stamped, Model):
    """What some members of an organization may do. A trigger makes ADMIN and OPERATOR with each organization."""

    __tablename__ = "organization_role"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(String(200))  # roles.names.key_of: names that look alike have one
    description: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    is_system: Mapped[bool] = mapped_column(server_default=false())
    permissions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}  # noqa: RUF012  # SQLAlchemy's own way
    __table_args__ = (
        UniqueConstraint("organization_id", "name", name="uq_organization_role_name"),
        UniqueConstraint("organization_id", "name_key", name="uq_organization_role_name_key"),
        CheckConstraint("is_system = (name IN ('ADMIN', 'OPERATOR'))", name="system"),
    )


OF_ROLE = and_(OrganizationRole.organization_id == Member.organization_id, OrganizationRole.name == Member.role)
"""How a member's role is found."""
