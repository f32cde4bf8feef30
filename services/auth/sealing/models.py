"""The table auth.data_key."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class State(StrEnum):
    """Whether values are still sealed by a key."""

    LIVE = "live"
    RETIRED = "retired"  # no row is sealed by it any more; it stays for backups


class DataKey(Model):
    """A key that seals values from `activates_at` until its successor does; it unseals for ever."""

    __tablename__ = "data_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed_key: Mapped[bytes]  # 32 bytes, encrypted under a master key
    sealed_by: Mapped[str] = mapped_column(String(100))  # that master key's id
    state: Mapped[str] = mapped_column(String(20), server_default=text("'live'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    activates_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("state IN ('live', 'retired')", name="state"),)
