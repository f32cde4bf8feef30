"""The table auth.api_key."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Kind(StrEnum):
    """What a key is for."""

    SECRET = "secret"  # noqa: S105  # a word, no secret
    WIDGET = "widget"


class ApiKey(Stamped, Model):
    """A key of an organization; it acts in the name of whoever made it, or took it over.

    Sealed under `api_key.<column>:<id>`: a widget key's value, and what requests are signed with.
    """

    __tablename__ = "api_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    key_prefix: Mapped[str] = mapped_column(String(20), index=True)
    hashed_key: Mapped[str] = mapped_column(String(255))  # the SHA-256 of its value, in hex
    permissions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    rate_limit: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    last_used_at: Mapped[datetime | None]  # to the minute
    expires_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20), server_default=text("'secret'"))
    last_four: Mapped[str] = mapped_column(String(4))
    ip_whitelist: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    allowed_origins: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    require_signature: Mapped[bool] = mapped_column(server_default=text("false"))
    sealed_key: Mapped[bytes | None] = mapped_column(info={"sealed": True})
    signing_secret: Mapped[bytes | None] = mapped_column(info={"sealed": True})
    previous_hash: Mapped[str | None] = mapped_column(String(255))
    previous_signing_secret: Mapped[bytes | None] = mapped_column(info={"sealed": True})
    previous_expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __table_args__ = (
        UniqueConstraint("hashed_key"),
        UniqueConstraint("previous_hash"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("key_prefix IN ('pk_live_', 'pk_test_')", name="key_prefix"),
        CheckConstraint("kind IN ('secret', 'widget')", name="kind"),
        CheckConstraint("(kind = 'widget') = (sealed_key IS NOT NULL)", name="sealed"),
        CheckConstraint("NOT require_signature OR signing_secret IS NOT NULL", name="signed"),
        CheckConstraint("(previous_hash IS NULL) = (previous_expires_at IS NULL)", name="previous"),
        Index(
            "ix_api_key_widget",
            "organization_id",
            unique=True,
            postgresql_where=text("kind = 'widget' AND revoked_at IS NULL"),
        ),
    )

    @property
    def is_usable(self) -> bool:
        """Neither switched off nor revoked."""
        return self.is_active and self.revoked_at is None
