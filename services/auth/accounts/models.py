"""The table auth.user_account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Computed, Index, String, UniqueConstraint, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Account(Stamped, Model):
    """A person. `user_id` and `id` name the same account for ever; username and e-mail address may change."""

    __tablename__ = "user_account"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    username: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(255))  # in normal form: rules.normal_email
    password_hash: Mapped[str] = mapped_column(String(255))  # argon2id in PHC's notation
    is_active: Mapped[bool] = mapped_column(server_default=true())  # false once suspended
    id: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    username_key: Mapped[str] = mapped_column(String(100), Computed("lower(username)", persisted=True))
    display_name: Mapped[str | None] = mapped_column(String(100))
    is_admin: Mapped[bool] = mapped_column(server_default=false())  # of the platform, not of an organization
    email_verified_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(10))  # of mails; both where it is not known
    password_expires_at: Mapped[datetime | None]  # of a one-time password, which signs nobody in

    __table_args__ = (
        UniqueConstraint("username"),
        UniqueConstraint("email"),
        UniqueConstraint("id"),
        UniqueConstraint("username_key"),
        Index("ix_user_account_lower_email", text("lower(email)"), unique=True),
    )

    @property
    def shown_name(self) -> str:
        """The display name; the username where none was given."""
        return self.display_name or self.username
