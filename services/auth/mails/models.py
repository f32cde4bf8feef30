"""The table auth.mail."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class State(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"  # in the development mailbox
    FAILED = "failed"


class Mail(Model):
    """A mail to one address. What it says is erased once it is sent: its links are as good as a password."""

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    recipient: Mapped[str] = mapped_column(String(255))
    template: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The template's values; of a kept mail the subject, the text, the HTML and the link."""
    status: Mapped[str] = mapped_column(String(20), server_default=text("'waiting'"))
    failure: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'sent', 'kept', 'failed')", name="status"),
        CheckConstraint("status NOT IN ('sent', 'failed') OR content IS NULL", name="erased"),
    )
