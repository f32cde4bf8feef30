"""The tables auth.passkey and auth.passkey_challenge."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Purpose(StrEnum):
    """What a challenge is good for."""

    REGISTER = "register"
    LOGIN = "login"


class Passkey(Stamped, Model):
    """A public key whose private half a person's device keeps."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]  # COSE_Key
    sign_count: Mapped[int] = mapped_column(BigInteger)  # 0 for ever where the authenticator does not count
    name: Mapped[str] = mapped_column(String(100))
    aaguid: Mapped[UUID]  # the authenticator's model
    transports: Mapped[list[str]]
    is_backup_eligible: Mapped[bool]  # never changes
    is_backed_up: Mapped[bool]  # as of its last use
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("credential_id"),
        CheckConstraint("octet_length(credential_id) BETWEEN 1 AND 1023", name="credential_id"),
        CheckConstraint("sign_count BETWEEN 0 AND 4294967295", name="sign_count"),
    )


class PasskeyChallenge(Model):
    """A challenge that waits for its answer. Only its SHA-256 is kept; the first answer deletes it."""

    __tablename__ = "passkey_challenge"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        CheckConstraint("purpose IN ('register', 'login')", name="purpose"),
        CheckConstraint("(purpose = 'register') = (user_id IS NOT NULL)", name="user_id"),
    )
