"""The tables auth.oauth_client and auth.oauth_consent."""

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
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class OAuthClient(Stamped, Model):
    """An app that an organization registered. A public one runs where it can keep no secret."""

    __tablename__ = "oauth_client"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))  # names it in the audit log
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    created_by: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="SET NULL"), index=True
    )  # in whose name it acts by client credentials
    name: Mapped[str] = mapped_column(String(100))
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    grant_types: Mapped[list[str]]
    scopes: Mapped[list[str]]
    is_public: Mapped[bool]
    secret_hash: Mapped[bytes | None]  # SHA-256 of 256 random bits
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("is_public = (secret_hash IS NULL)", name="secret"),
        Index(None, "organization_id", "created_at"),
    )


class Consent(Stamped, Model):
    """What a person has allowed an app, over all their grants, and for which of their organizations it acts.

    Remembered, so that it is asked once; it ends with the membership.
    """

    __tablename__ = "oauth_consent"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_client.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    organization_id: Mapped[UUID]
    scopes: Mapped[list[str]]

    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["organization_member.organization_id", "organization_member.user_id"],
            ondelete="CASCADE",
        ),
        Index(None, "user_id", "created_at"),
        Index(None, "organization_id", "user_id"),
    )
