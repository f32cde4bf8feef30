"""orrery.media.v1.VideosService."""

from datetime import timedelta

from orrery.media.v1 import videos_pb2 as pb
from orrery.media.v1 import videos_pb2_grpc as rpc

from libs.blobs import BlobMissing, Blobs
from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.media.links import Links
from services.media.moments import rfc3339
from services.media.pages import Page
from services.media.videos import operations, repository, uploads
from services.media.videos.errors import NotReady, VideoNotFound
from services.media.videos.playlists import Playlists
from services.media.videos.repository import Shown

UPLOAD_LIFE = timedelta(hours=1)
PAGE, MOST = 20, 100
CHANGEABLE = ("title", "description", "visibility")


class VideosServicer(rpc.VideosServiceServicer):
    def __init__(self, database: Database, blobs: Blobs, links: Links, playlists: Playlists) -> None:
        self._database, self._blobs, self._links, self._playlists = database, blobs, links, playlists

    async def InitUpload(self, request: pb.InitUploadRequest, context: Context) -> pb.InitUploadResponse:
        named = {"filename": request.filename, "content_type": request.content_type}
        async with self._database.transaction(caller()) as session:
            video = await operations.reserve(session, caller(), **named, size=request.size)
        url = self._blobs.presign_put(video.upload_path, UPLOAD_LIFE)
        return pb.InitUploadResponse(upload_url=url, video_id=video.video_id)

    async def CompleteUpload(self, request: pb.CompleteUploadRequest, context: Context) -> pb.CompleteUploadResponse:
        await uploads.complete(self._database, self._blobs, caller(), request.video_id)
        return pb.CompleteUploadResponse(success=True)

    async def GetVideo(self, request: pb.GetVideoRequest, context: Context) -> pb.GetVideoResponse:
        video = await repository.shown(self._database, caller(), request.video_id)
        return pb.GetVideoResponse(video=to_proto(video, self._links))

    async def ListVideos(self, request: pb.ListVideosRequest, context: Context) -> pb.ListVideosResponse:
        wanted = Page.of(request, default=PAGE, most=MOST)
        user_id = request.user_id if request.HasField("user_id") else caller().user_id
        found = await repository.page(self._database, caller(), user_id, wanted)
        videos = [to_proto(video, self._links) for video in found[: wanted.limit]]
        return pb.ListVideosResponse(videos=videos, has_more=len(found) > wanted.limit)

    async def UpdateVideo(self, request: pb.UpdateVideoRequest, context: Context) -> pb.GetVideoResponse:
        changes = {field.name: value for field, value in request.ListFields() if field.name in CHANGEABLE}
        async with self._database.transaction(caller()) as session:
            video = Shown.of(await operations.change(session, caller(), request.video_id, changes))
        return pb.GetVideoResponse(video=to_proto(video, self._links))

    async def ReprocessVideo(self, request: pb.ReprocessVideoRequest, context: Context) -> pb.GetVideoResponse:
        async with self._database.transaction(caller()) as session:
            video = Shown.of(await operations.reprocess(session, caller(), request.video_id))
        return pb.GetVideoResponse(video=to_proto(video, self._links))

    async def DeleteVideo(self, request: pb.DeleteVideoRequest, context: Context) -> pb.DeleteVideoResponse:
        async with self._database.transaction(caller()) as session:
            await operations.remove(session, caller(), request.video_id)
        return pb.DeleteVideoResponse(success=True)

    async def GetPlaylist(self, request: pb.GetPlaylistRequest, context: Context) -> pb.GetPlaylistResponse:
        video = await repository.shown(self._database, caller(), request.video_id)
        if video.playlist_path is None:
            raise NotReady(video.status)
        try:
            playlist = await self._playlists.signed(video.playlist_path, (video.duration_ms or 0) / 1000)
        except BlobMissing:  # deleted since the line above
            raise VideoNotFound(request.video_id) from None
        return pb.GetPlaylistResponse(playlist=playlist)


def to_proto(video: Shown, links: Links) -> pb.Video:
    return pb.Video(
        video_id=video.video_id,
        user_id=video.user_id,
        title=video.title,
        description=video.description or "",
        duration=None if video.duration_ms is None else video.duration_ms / 1000,
        thumbnail_url=links.to(video.thumbnail_path) if video.thumbnail_path else None,
        status=video.status,
        failure_reason=video.failure_reason,
        width=video.width,
        height=video.height,
        size=video.size_bytes,
        content_type=video.content_type,
        visibility=video.visibility,
        stream_url=f"/api/media/videos/{video.video_id}/stream.m3u8" if video.playlist_path else None,
        created_at=rfc3339(video.created_at),
        updated_at=rfc3339(video.updated_at),
    )
