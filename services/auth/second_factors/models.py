"""The tables auth.user_2fa, auth.user_pin and auth.payment_auth_log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped

GRANTED, REFUSED = "granted", "refused"


class Totp(Stamped, Model):
    """A person's authenticator app. Once it is enabled, each sign-in asks for a code of it."""

    __tablename__ = "user_2fa"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    totp_secret: Mapped[str | None] = mapped_column(info={"sealed": True})  # in base64: authenticator.py
    is_enabled: Mapped[bool] = mapped_column(server_default=false())
    backup_codes: Mapped[list[str] | None]  # keyed hashes of those that are left: backup_codes.py
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))  # of the newest code that was taken
    failed_count: Mapped[int] = mapped_column(server_default=text("0"))  # wrong codes since the last right one
    locked_until: Mapped[datetime | None]


class Pin(Stamped, Model):
    """A person's PIN and the wrong ones since the last right one."""

    __tablename__ = "user_pin"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    pin_hash: Mapped[str] = mapped_column(String(255))  # argon2id in PHC's notation
    is_enabled: Mapped[bool] = mapped_column(server_default=false())
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"))
    last_attempt_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]


class PaymentAuthLog(Model):
    """One attempt to authorise a payment, granted or refused; granted once for a payment of a person."""

    __tablename__ = "payment_auth_log"

    log_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id"), index=True)
    payment_id: Mapped[str | None] = mapped_column(String(100))
    auth_method: Mapped[str | None] = mapped_column(String(50))
    status: Mapped[str | None] = mapped_column(String(50))
    timestamp: Mapped[datetime] = mapped_column(server_default=func.now())
    document: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSONB)  # `metadata` is SQLAlchemy's own

    __table_args__ = (
        Index(
            "ix_payment_auth_log_granted",
            "user_id",
            "payment_id",
            unique=True,
            postgresql_where=text("status = 'granted'"),
        ),
    )
