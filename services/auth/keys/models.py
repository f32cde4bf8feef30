"""The table auth.signing_key."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class State(StrEnum):
    """Whether tokens signed by a key are believed."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


class SigningKey(Model):
    """An RSA key. It signs from `activates_at` until `retires_at`, when its successor does; it verifies for longer."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)  # the public key's RFC 7638 thumbprint
    private_key: Mapped[bytes] = mapped_column(info={"sealed": True})  # PKCS#8
    sealed_by: Mapped[str] = mapped_column(String(32))  # a data key's id; a master key's before there were data keys
    public_jwk: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(20), server_default=text("'live'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    activates_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("state IN ('live', 'withdrawn')", name="state"),)
