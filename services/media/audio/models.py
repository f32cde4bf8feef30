"""The table media.audio_analysis."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model


class AudioAnalysis(Model):
    """What one segment of a video sounds like; the features are those of processing.loudness."""

    __tablename__ = "audio_analysis"

    analysis_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video_metadata.video_id"))
    segment_index: Mapped[int]
    features: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID]
