"""A table with a column of each type that lists can filter."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Numeric, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model
from libs.database.model import Stamped


class Entry(Stamped, Model):
    """One thing that was noted."""

    __tablename__ = "entry"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    organization_id: Mapped[uuid.UUID]
    user_id: Mapped[int] = mapped_column(BigInteger, default=0)
    title: Mapped[str] = mapped_column(default="")
    small: Mapped[int] = mapped_column(SmallInteger, default=0)
    number: Mapped[int] = mapped_column(default=0)
    big: Mapped[int] = mapped_column(BigInteger, default=0)
    real: Mapped[float] = mapped_column(default=0.0)
    is_open: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    note: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
