"""The table media.video_capture_log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class Capture(Model):
    """A picture of a video and when it is seen."""

    __tablename__ = "video_capture_log"

    capture_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video_metadata.video_id"))
    timestamp_seconds: Mapped[int]
    capture_image_path: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID]
    timestamp_ms: Mapped[int] = mapped_column(BigInteger)
