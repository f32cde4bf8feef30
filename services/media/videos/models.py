"""The table media.video_metadata."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Sequence, String
from sqlalchemy.orm import Mapped, mapped_column

from libs.database import Model, Stamped

VIDEO_IDS = Sequence("video_metadata_video_id_seq", metadata=None)


class Status(StrEnum):
    """How far a video has come."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Video(Stamped, Model):
    """A video; the *_path columns are keys of objects, all under the video's own prefix."""

    __tablename__ = "video_metadata"

    video_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None]
    upload_path: Mapped[str]
    thumbnail_path: Mapped[str | None]
    duration_seconds: Mapped[int | None]
    organization_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=Status.UPLOADING)
    visibility: Mapped[str] = mapped_column(server_default="private")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str]
    etag: Mapped[str | None]
    """The object's entity tag when its upload was completed."""
    failure_reason: Mapped[str | None]
    playlist_path: Mapped[str | None]
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
