"""The tables auth.session and auth.refresh_token."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class UserSession(Model):
    """Somebody signed in, for one of their organizations. It is the family of its refresh tokens: they end with it."""

    __tablename__ = "session"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)
    organization_id: Mapped[UUID]
    address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)  # where it was last renewed from
    user_agent: Mapped[str] = mapped_column(String(512))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)  # with its newest refresh token
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(50))
    idle_limit: Mapped[timedelta | None]  # it ends when it was not seen for so long; None: at expires_at alone
    amr: Mapped[list[str]] = mapped_column(server_default=text("'{pwd}'"))  # by what it began (RFC 8176)

    __table_args__ = (
        UniqueConstraint("id", "user_id"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["organization_member.organization_id", "organization_member.user_id"],
            ondelete="CASCADE",
        ),
        Index(None, "organization_id", "user_id"),
    )


class RefreshToken(Model):
    """A token that renews a session once. Only its SHA-256 is kept."""

    __tablename__ = "refresh_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    hash: Mapped[bytes]
    session_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("refresh_token.id", ondelete="SET NULL"))
    sealed_successor: Mapped[bytes | None]  # readable with this token alone
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        UniqueConstraint("hash"),
        UniqueConstraint("parent_id"),
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(["session_id", "user_id"], ["session.id", "session.user_id"], ondelete="CASCADE"),
        Index(None, "session_id", "user_id"),
    )
