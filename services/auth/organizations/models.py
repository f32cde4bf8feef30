"""The tables auth.organization and auth.organization_member."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Role(StrEnum):
    """The roles that every organization has; others are its own (services.auth.roles)."""

    ADMIN = "ADMIN"
    OPERATOR = "OPERATOR"


class Status(StrEnum):
    """Whether an organization's members and keys may act for it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Organization(Stamped, Model):
    """A tenant. A personal one was made for its founder alone. Its owner is always an ADMIN, and cannot be removed."""

    __tablename__ = "organization"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(100))  # lower case, of a-z, 0-9 and -
    domain: Mapped[str | None] = mapped_column(String(253))  # lower case
    is_personal: Mapped[bool]
    plan: Mapped[str] = mapped_column(String(50), server_default=text("'free'"))
    status: Mapped[str] = mapped_column(String(50), server_default=text("'active'"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    owner_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # a trigger makes it the first ADMIN

    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}  # noqa: RUF012  # SQLAlchemy's own way
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("slug = lower(slug)", name="slug"),
        CheckConstraint("domain = lower(domain)", name="domain"),
        CheckConstraint("plan IN ('free', 'starter', 'professional', 'enterprise')", name="plan"),
        CheckConstraint("status IN ('active', 'suspended', 'deleted')", name="status"),
        Index(None, "domain", unique=True),
        ForeignKeyConstraint(
            ["id", "owner_id"],
            ["organization_member.organization_id", "organization_member.user_id"],
            name="fk_organization_owner_id",
            ondelete="SET NULL (owner_id)",
            use_alter=True,
        ),
    )


class Member(Stamped, Model):
    """That an account belongs to an organization, in one of its roles."""

    __tablename__ = "organization_member"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}  # noqa: RUF012  # SQLAlchemy's own way
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "role"],
            ["organization_role.organization_id", "organization_role.name"],
            name="fk_organization_member_role",
            onupdate="CASCADE",
        ),
        Index("ix_organization_member_organization_id_role", "organization_id", "role"),
    )
