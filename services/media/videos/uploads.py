"""Ending an upload: our row, the object store, our row again; never one while waiting for the other."""

from libs.blobs import BlobMissing, Blobs
from libs.database import Database
from libs.database.tenant import Caller
from services.media.videos import operations
from services.media.videos.errors import FileMissing, SizeMismatch
from services.media.videos.models import Status


async def complete(database: Database, blobs: Blobs, caller: Caller, video_id: int) -> None:
    """Check that the announced file is there and let processing begin; saying it again changes nothing.

    Raises FileMissing, SizeMismatch, VideoNotFound, NotTheOwner, and BlobsAway; each leaves the video as it was.
    """
    async with database.transaction(caller) as session:
        video = await operations.own(session, caller, video_id)
    if video.status != Status.UPLOADING:
        return
    try:
        found = await blobs.stat(video.upload_path)
    except BlobMissing:
        raise FileMissing from None
    if found.size != video.size_bytes:
        raise SizeMismatch(video.size_bytes, found.size)
    async with database.transaction(caller) as session:
        await operations.begin_processing(session, caller, video_id, found.etag)
