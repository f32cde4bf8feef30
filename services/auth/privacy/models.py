"""The tables auth.erasure and auth.personal_export."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class ErasureState(StrEnum):
    """How far the end of an account is."""

    SCHEDULED = "scheduled"
    RESTORED = "restored"
    FORBIDDEN = "forbidden"  # scheduled, and suspended meanwhile: it cannot be taken back by its owner
    DONE = "done"


class ExportState(StrEnum):
    """How far an archive is."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class Erasure(Model):
    """That an account is to be erased."""

    __tablename__ = "erasure"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(20), server_default=text("'scheduled'"))
    token_hash: Mapped[bytes]  # SHA-256 of what was mailed
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    erases_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("state IN ('scheduled', 'restored', 'forbidden', 'done')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('scheduled', 'forbidden'))", name="ended"),
    )


class PersonalExport(Model):
    """An archive of a person's data."""

    __tablename__ = "personal_export"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(20), server_default=text("'pending'"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'ready', 'failed', 'expired')", name="state"),
        CheckConstraint("state <> 'ready' OR (expires_at IS NOT NULL AND size_bytes IS NOT NULL)", name="ready"),
        Index("ix_personal_export_pending", "user_id", unique=True, postgresql_where=text("state = 'pending'")),
        Index("ix_personal_export_expires_at", "expires_at", postgresql_where=text("state = 'ready'")),
    )
