"""The table auth.user_profile."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Profile(Stamped, Model):
    """What a person says of themselves; there is none before they say something or sign in."""

    __tablename__ = "user_profile"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_name: Mapped[str | None] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    avatar: Mapped[str | None] = mapped_column(String(2048))
    document: Mapped[str] = mapped_column("metadata", server_default=text("'{}'"))  # JSON, byte by byte as it came
    last_login_at: Mapped[datetime | None]  # a trigger notes it
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))

    __table_args__ = (CheckConstraint("octet_length(metadata) <= 16384", name="metadata"),)
