"""The tables auth.oauth_browser, oauth_grant, oauth_code and oauth_refresh_token."""

from datetime import datetime
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
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class Browser(Model):
    """Somebody signed in on the authorization endpoint's pages; it ends with its session."""

    __tablename__ = "oauth_browser"

    hash: Mapped[bytes] = mapped_column(primary_key=True)  # SHA-256 of the cookie
    session_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(BigInteger)
    signed_in_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(["session_id", "user_id"], ["session.id", "session.user_id"], ondelete="CASCADE"),
        Index(None, "session_id", "user_id"),
    )


class OAuthGrant(Model):
    """What one authorization gave an app: the family of its tokens, which end with it."""

    __tablename__ = "oauth_grant"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())  # its tokens' sid
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_client.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)
    organization_id: Mapped[UUID]
    grant_type: Mapped[str] = mapped_column(String(50))
    scopes: Mapped[list[str]]
    amr: Mapped[list[str]]  # how the person signed in (RFC 8176)
    signed_in_at: Mapped[datetime]
    address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)  # where it was last used from
    user_agent: Mapped[str] = mapped_column(String(512))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)  # with its newest token
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(50))

    __table_args__ = (
        UniqueConstraint("id", "user_id"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["organization_member.organization_id", "organization_member.user_id"],
            ondelete="CASCADE",
        ),
        Index(None, "client_id", "user_id"),
        Index(None, "organization_id", "user_id"),
    )


class Code(Model):
    """An authorization code, bound to its client, redirect URI and PKCE challenge. Only its SHA-256 is kept."""

    __tablename__ = "oauth_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(BigInteger)
    client_id: Mapped[UUID]
    redirect_uri: Mapped[str]
    challenge: Mapped[str] = mapped_column(String(43))
    nonce: Mapped[str | None]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(["grant_id", "user_id"], ["oauth_grant.id", "oauth_grant.user_id"], ondelete="CASCADE"),
        Index(None, "grant_id", "user_id"),
    )


class OAuthRefreshToken(Model):
    """A token that renews a grant once. Only its SHA-256 is kept."""

    __tablename__ = "oauth_refresh_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    hash: Mapped[bytes]
    grant_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("oauth_refresh_token.id", ondelete="SET NULL"))
    sealed_successor: Mapped[bytes | None]  # readable with this token alone
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        UniqueConstraint("hash"),
        UniqueConstraint("parent_id"),
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(["grant_id", "user_id"], ["oauth_grant.id", "oauth_grant.user_id"], ondelete="CASCADE"),
        Index(None, "grant_id", "user_id"),
    )
