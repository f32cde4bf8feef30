"""orrery.media.v1.CapturesService."""

from orrery.media.v1 import videos_pb2 as pb
from orrery.media.v1 import videos_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.media.captures.repository import page
from services.media.links import Links
from services.media.pages import Page
from services.media.videos.errors import VideoNotFound

MOST = 1000


class CapturesServicer(rpc.CapturesServiceServicer):
    def __init__(self, database: Database, links: Links) -> None:
        self._database, self._links = database, links

    async def ListCaptures(self, request: pb.ListCapturesRequest, context: Context) -> pb.ListCapturesResponse:
        wanted = Page.of(request, default=MOST, most=MOST)
        rows = await page(self._database, caller(), request.video_id, wanted)
        if rows is None:
            raise VideoNotFound(request.video_id)
        captures = [pb.Capture(timestamp=at / 1000, image_url=self._links.to(key)) for at, key in rows]
        return pb.ListCapturesResponse(captures=captures)
