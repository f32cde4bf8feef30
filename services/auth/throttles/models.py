"""The tables auth.sign_in_throttle and auth.known_place."""

from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, func
from sqlalchemy.dialects.postgresql import CIDR
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class Throttle(Model):
    """Failures of one subject at one place, and until when the next attempt waits."""

    __tablename__ = "sign_in_throttle"

    subject: Mapped[bytes] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(50), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    open_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("octet_length(subject) = 32", name="subject"),)


class KnownPlace(Model):
    """An address from which a person signed in."""

    __tablename__ = "known_place"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[IPv4Network | IPv6Network] = mapped_column(CIDR, primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
