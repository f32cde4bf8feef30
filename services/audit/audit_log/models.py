"""The table history.audit_log, partitioned by month of created_at."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class AuditLog(Model):
    """One thing that was done. Rows are written once: the login may not change or delete them."""

    __tablename__ = "audit_log"

    log_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(100))
    target_entity: Mapped[str | None] = mapped_column(String(100))
    target_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(primary_key=True)  # when it happened, by the clock of its service
    organization_id: Mapped[UUID | None]
    request_id: Mapped[str]
    source: Mapped[str]
    event_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(server_default=text("''"))  # empty where no request was the cause
