"""The tables auth.sso_identity, sso_flow, sso_code, sso_session and sso_logout."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class SsoIdentity(Stamped, Model):
    """A subject of an issuer, and the one account of ours that it stands for."""

    __tablename__ = "sso_identity"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    mapped_at: Mapped[datetime]  # when the issuer said what the role was last mapped from

    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("issuer", "user_id"),
        UniqueConstraint("id", "user_id"),
    )


class SsoFlow(Model):
    """A sign-in on its way through the issuer. What its browser keeps makes the PKCE verifier and the nonce."""

    __tablename__ = "sso_flow"

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    provider: Mapped[str] = mapped_column(String(50))
    redirect_uri: Mapped[str] = mapped_column(String(2000))
    app_state: Mapped[str | None] = mapped_column(String(512))
    code_challenge: Mapped[str | None] = mapped_column(String(43))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("octet_length(state_hash) = 32 AND octet_length(browser_hash) = 32", name="hashes"),
    )


class SsoCode(Model):
    """A finished sign-in that waits for its app; the ID token can be read with the code alone."""

    __tablename__ = "sso_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    identity_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    sid: Mapped[str | None] = mapped_column(String(255))  # the issuer's session
    amr: Mapped[list[str]]
    id_token: Mapped[bytes]
    code_challenge: Mapped[str | None] = mapped_column(String(43))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(
            ["identity_id", "user_id"], ["sso_identity.id", "sso_identity.user_id"], ondelete="CASCADE"
        ),
        Index(None, "identity_id", "user_id"),
    )


class SsoSession(Model):
    """A session of ours that came of a sign-in at an issuer; it ends with the issuer's."""

    __tablename__ = "sso_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    identity_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    sid: Mapped[str | None] = mapped_column(String(255))
    amr: Mapped[list[str]]
    id_token: Mapped[bytes] = mapped_column(info={"sealed": True})  # the issuer wants it back at logout
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "user_id"], ["session.id", "session.user_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["identity_id", "user_id"], ["sso_identity.id", "sso_identity.user_id"], ondelete="CASCADE"
        ),
        Index(None, "identity_id", "sid"),
    )


class SsoLogout(Model):
    """What an issuer told to be over, by the hash of its name: a logout token, a session, a subject."""

    __tablename__ = "sso_logout"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    told_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("octet_length(hash) = 32", name="hash"),)
