"""Videos and what is made of them."""

from orrery.media.v1 import videos_pb2

from gateway.bridge.names import CAMEL
from gateway.families import ENVELOPE
from gateway.router import RpcRouter, Text

PREFIX = "/api/media/videos"
SERVICES = videos_pb2.DESCRIPTOR.services_by_name
PLAYLIST = Text("playlist", "application/vnd.apple.mpegurl")

videos = RpcRouter(SERVICES["VideosService"], prefix=PREFIX, family=ENVELOPE, names=CAMEL, backend="media")
videos.rpc("POST", "/init-upload", "InitUpload", id="videos_init_upload", rate="upload", status=201)
videos.rpc("POST", "/complete-upload", "CompleteUpload", id="videos_complete_upload")
videos.rpc("GET", "", "ListVideos", id="videos_list")
videos.rpc("GET", "/{video_id}", "GetVideo", id="videos_get")
videos.rpc("PATCH", "/{video_id}", "UpdateVideo", id="videos_update")
videos.rpc("POST", "/{video_id}/reprocess", "ReprocessVideo", id="videos_reprocess")
videos.rpc("DELETE", "/{video_id}", "DeleteVideo", id="videos_delete")
videos.rpc("GET", "/{video_id}/stream.m3u8", "GetPlaylist", id="videos_get_playlist", text=PLAYLIST)

captures = RpcRouter(SERVICES["CapturesService"], prefix=PREFIX, family=ENVELOPE, names=CAMEL, backend="media")
captures.rpc("GET", "/{video_id}/captures", "ListCaptures", id="videos_list_captures")

audio = RpcRouter(SERVICES["AudioService"], prefix=PREFIX, family=ENVELOPE, names=CAMEL, backend="media")
audio.rpc("GET", "/{video_id}/audio-analysis", "ListAudioAnalyses", id="videos_list_audio_analyses")

ROUTERS = (videos, captures, audio)
