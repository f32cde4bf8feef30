"""The table auth.organization_invitation."""

from datetime import datetime
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
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Invitation(Stamped, Model):
    """That somebody was asked to join. Of its token there is the SHA-256 alone."""

    __tablename__ = "organization_invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(255))  # in normal form: accounts.rules.normal_email
    role: Mapped[str] = mapped_column(String(50))
    token_hash: Mapped[bytes]
    invited_by: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="SET NULL"), index=True
    )
    accepted_by: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="SET NULL"), index=True
    )
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="ended"),
        ForeignKeyConstraint(
            ["organization_id", "role"],
            ["organization_role.organization_id", "organization_role.name"],
            name="fk_organization_invitation_role",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        Index(
            "ix_organization_invitation_open",
            "organization_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("ix_organization_invitation_organization_id_role", "organization_id", "role"),
    )
