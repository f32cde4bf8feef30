"""The table auth.account_proof."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class Purpose(StrEnum):
    """What a mailed token is good for."""

    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # a word, no password


class Proof(Model):
    """A token that was mailed to an address, as its SHA-256; whoever sends it back reads the mails there."""

    __tablename__ = "account_proof"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(255))  # where it was mailed to
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        CheckConstraint("purpose IN ('verify_email', 'change_email', 'reset_password')", name="purpose"),
    )
