"""The table auth.api_token."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class ApiToken(Stamped, Model):
    """A personal token for an app, with its scopes. It acts in the organization that its owner acted in."""

    __tablename__ = "api_token"

    token_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(512))  # the SHA-256 of its value, in hex
    token_type: Mapped[str] = mapped_column(String(50))
    scope: Mapped[list[str] | None]
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked: Mapped[bool] = mapped_column(server_default=false())
    last_used_at: Mapped[datetime | None]  # to the minute
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    revoked_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("token"),)
