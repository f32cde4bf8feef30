"""orrery.media.v1.AudioService."""

from orrery.media.v1 import videos_pb2 as pb
from orrery.media.v1 import videos_pb2_grpc as rpc
from orrery.types.v1.types_pb2 import RawJson

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.media.audio.repository import page
from services.media.pages import Page
from services.media.videos.errors import VideoNotFound

MOST = 1000


class AudioServicer(rpc.AudioServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListAudioAnalyses(
        self, request: pb.ListAudioAnalysesRequest, context: Context
    ) -> pb.ListAudioAnalysesResponse:
        wanted = Page.of(request, default=MOST, most=MOST)
        rows = await page(self._database, caller(), request.video_id, wanted)
        if rows is None:
            raise VideoNotFound(request.video_id)
        analyses = [pb.AudioAnalysis(segment_index=at, features=RawJson(json=text.encode())) for at, text in rows]
        return pb.ListAudioAnalysesResponse(analyses=analyses)
