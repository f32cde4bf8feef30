"""The tables media.video_subtitle and media.subtitle_translation_log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped


class Subtitle(Stamped, Model):
    """A subtitle file of a video, one per language."""

    __tablename__ = "video_subtitle"

    subtitle_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video_metadata.video_id", ondelete="CASCADE"))
    language_code: Mapped[str] = mapped_column(String(10))
    subtitle_path: Mapped[str]
    organization_id: Mapped[UUID]


class Translation(Model):
    """A translation of a video's subtitles."""

    __tablename__ = "subtitle_translation_log"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("video_metadata.video_id"))
    src_language: Mapped[str] = mapped_column(String(10))
    dst_language: Mapped[str] = mapped_column(String(10))
    translation_path: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID]
