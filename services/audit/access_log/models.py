"""The table history.access_log, partitioned by month of created_at."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from sqlalchemy import BigInteger, String
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class AccessLog(Model):
    """One request that was answered. Rows are written once: the login may not change or delete them."""

    __tablename__ = "access_log"

    log_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    path: Mapped[str] = mapped_column(String(255))
    status_code: Mapped[int]
    response_time_ms: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(primary_key=True)  # when the request came
    organization_id: Mapped[UUID | None]
    method: Mapped[str]
    route: Mapped[str]
    request_id: Mapped[str]
    duration_us: Mapped[int] = mapped_column(BigInteger)
    response_bytes: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
