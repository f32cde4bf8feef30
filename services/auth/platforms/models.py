"""The tables auth.platform_key and auth.platform_state."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped

SEALED = {"sealed": True}


class PlatformKey(Stamped, Model):
    """Tokens of a person's account at a platform, sealed; the masks are what may be shown of them."""

    __tablename__ = "platform_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"))
    platform: Mapped[str] = mapped_column(String(20))
    channel_id: Mapped[str | None] = mapped_column(String(100))  # nobody's where the tokens came from elsewhere
    access_token: Mapped[bytes] = mapped_column(info=SEALED)
    access_token_mask: Mapped[str] = mapped_column(String(7))
    refresh_token: Mapped[bytes | None] = mapped_column(info=SEALED)
    refresh_token_mask: Mapped[str | None] = mapped_column(String(7))
    token_expires_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))  # one more with each change
    renewing_until: Mapped[datetime | None]  # somebody asks the platform: a refresh token may be good once

    __table_args__ = (
        UniqueConstraint("user_id", "platform", "channel_id"),
        CheckConstraint("platform IN ('twitch', 'youtube')", name="platform"),
        CheckConstraint("(refresh_token IS NULL) = (refresh_token_mask IS NULL)", name="refresh_token"),
    )


class PlatformState(Model):
    """A link that is being made. Only the state's SHA-256 is kept; the callback deletes it."""

    __tablename__ = "platform_state"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    hash: Mapped[bytes]
    platform: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )  # who asked; nobody where they were not signed in
    redirect_uri: Mapped[str] = mapped_column(String(2048))
    verifier: Mapped[bytes | None] = mapped_column(info=SEALED)  # of PKCE
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        UniqueConstraint("hash"),
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        CheckConstraint("platform IN ('twitch', 'youtube')", name="platform"),
    )
