"""Services over the real protos that answer what tests ask of them, and note by whom."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orrery.audit.v1 import logs_pb2, logs_pb2_grpc
from orrery.auth.v1 import accounts_pb2, accounts_pb2_grpc, sessions_pb2, sessions_pb2_grpc
from orrery.identity.v1.identity_pb2 import Identity
from orrery.media.v1 import videos_pb2, videos_pb2_grpc
from orrery.types.v1.types_pb2 import Pagination, RawJson

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable, Violation
from libs.rpc import caller, request_id
from libs.rpc.handlers import descriptor_of

PATIENCE_SECONDS = 5.0


class VideoNotFound(NotFound):
    def __init__(self, video_id: int) -> None:
        super().__init__("There is no such video.", video_id=video_id)


class AlreadyPublished(Conflict):
    def __init__(self) -> None:
        super().__init__("This video is already published.")


class InvalidCredentials(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The name or the password is wrong.")


FAULTS: dict[int, Exception] = {
    404: VideoNotFound(404),
    409: AlreadyPublished(),
    403: Forbidden("Not yours."),
    422: Invalid("No.", (Violation("title", "This is taken.", "taken"),)),
    500: RuntimeError("the password of the database is hunter2"),
    503: Unavailable("Away.", retry_after_seconds=5),
}


@dataclass
class Seen:
    """What the services were asked, and by whom."""

    requests: list[Any] = field(default_factory=list)
    callers: list[Identity] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)

    def note(self, request: Any) -> None:
        self.requests.append(request)
        self.callers.append(caller())
        self.request_ids.append(request_id())


class Videos(videos_pb2_grpc.VideosServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def InitUpload(self, request: Any, context: Any) -> videos_pb2.InitUploadResponse:
        self.seen.note(request)
        return videos_pb2.InitUploadResponse(upload_url="http://store/x", video_id=2**53 + 1)

    async def CompleteUpload(self, request: Any, context: Any) -> videos_pb2.CompleteUploadResponse:
        self.seen.note(request)
        await asyncio.sleep(PATIENCE_SECONDS)  # for callers that go away
        return videos_pb2.CompleteUploadResponse(success=True)

    async def GetVideo(self, request: Any, context: Any) -> videos_pb2.GetVideoResponse:
        self.seen.note(request)
        if request.video_id in FAULTS:
            raise FAULTS[request.video_id]
        return videos_pb2.GetVideoResponse(video=videos_pb2.Video(video_id=request.video_id, title="Minutes"))

    async def UpdateVideo(self, request: Any, context: Any) -> videos_pb2.GetVideoResponse:
        self.seen.note(request)
        return videos_pb2.GetVideoResponse(video=videos_pb2.Video(video_id=request.video_id, title=request.title))

    async def ListVideos(self, request: Any, context: Any) -> videos_pb2.ListVideosResponse:
        self.seen.note(request)
        return videos_pb2.ListVideosResponse()

    async def DeleteVideo(self, request: Any, context: Any) -> videos_pb2.DeleteVideoResponse:
        self.seen.note(request)
        return videos_pb2.DeleteVideoResponse(success=True)

    async def ReprocessVideo(self, request: Any, context: Any) -> videos_pb2.GetVideoResponse:
        self.seen.note(request)
        return videos_pb2.GetVideoResponse(video=videos_pb2.Video(video_id=request.video_id, status="processing"))

    async def GetPlaylist(self, request: Any, context: Any) -> videos_pb2.GetPlaylistResponse:
        self.seen.note(request)
        return videos_pb2.GetPlaylistResponse(playlist="#EXTM3U\n")


class Accounts(accounts_pb2_grpc.AccountsServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def GetMe(self, request: Any, context: Any) -> accounts_pb2.Account:
        self.seen.note(request)
        return accounts_pb2.Account(user_id=caller().user_id, username="kana")

    async def Register(self, request: Any, context: Any) -> accounts_pb2.SignedIn:
        self.seen.note(request)
        return accounts_pb2.SignedIn(token="t", access_token="t", refresh_token="r", refresh_token_camel="r")

    async def UpdateMe(self, request: Any, context: Any) -> accounts_pb2.Account:
        self.seen.note(request)
        return accounts_pb2.Account(display_name=request.display_name)

    async def GetTenantUser(self, request: Any, context: Any) -> accounts_pb2.TenantUser:
        self.seen.note(request)
        return accounts_pb2.TenantUser(id="u", username="kana", role="ADMIN")

    async def RegisterTenantUser(self, request: Any, context: Any) -> accounts_pb2.TenantUser:
        self.seen.note(request)
        return accounts_pb2.TenantUser(id="u", username=request.username)


class Sessions(sessions_pb2_grpc.SessionsServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def Login(self, request: Any, context: Any) -> accounts_pb2.SignedIn:
        self.seen.note(request)
        raise InvalidCredentials

    async def CreateTokens(self, request: Any, context: Any) -> sessions_pb2.TokenPair:
        self.seen.note(request)
        raise InvalidCredentials

    async def Refresh(self, request: Any, context: Any) -> sessions_pb2.RefreshedTokens:
        self.seen.note(request)
        return sessions_pb2.RefreshedTokens()

    async def RefreshTokens(self, request: Any, context: Any) -> sessions_pb2.TokenPair:
        self.seen.note(request)
        return sessions_pb2.TokenPair()

    async def Logout(self, request: Any, context: Any) -> sessions_pb2.LogoutResponse:
        self.seen.note(request)
        return sessions_pb2.LogoutResponse(success=True)


class Keys(sessions_pb2_grpc.KeysServiceServicer):
    async def ListKeys(self, request: Any, context: Any) -> sessions_pb2.KeySet:
        return sessions_pb2.KeySet(keys=[sessions_pb2.Key(kty="RSA", kid="k1")])


class Logs(logs_pb2_grpc.AuditLogsServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def ListAuditLogs(self, request: Any, context: Any) -> logs_pb2.ListAuditLogsResponse:
        self.seen.note(request)
        row = logs_pb2.AuditLog(log_id=1, action="video.ready", details=RawJson(json=b'{"n":5,"x":1e2}'))
        place = Pagination(page=1, limit=20, total=1, total_pages=1)
        return logs_pb2.ListAuditLogsResponse(items=[row], pagination=place)


class Captures(videos_pb2_grpc.CapturesServiceServicer):
    async def ListCaptures(self, request: Any, context: Any) -> videos_pb2.ListCapturesResponse:
        return videos_pb2.ListCapturesResponse(captures=[videos_pb2.Capture(timestamp=1.5)])


class Audio(videos_pb2_grpc.AudioServiceServicer):
    async def ListAudioAnalyses(self, request: Any, context: Any) -> videos_pb2.ListAudioAnalysesResponse:
        return videos_pb2.ListAudioAnalysesResponse()


class AccessLogs(logs_pb2_grpc.AccessLogsServiceServicer):
    async def ListLogs(self, request: Any, context: Any) -> logs_pb2.ListLogsResponse:
        return logs_pb2.ListLogsResponse(pagination=Pagination(limit=20, next_cursor="c"))


def served() -> set[str]:
    """The full names of the RPCs that these answer."""
    made = servicers(Seen())
    return {
        method.full_name for one in made for method in descriptor_of(one).methods if method.name in type(one).__dict__
    }


def servicers(seen: Seen) -> tuple[object, ...]:
    """All of them, noting in `seen`; an RPC that no test asks of them need not be here."""
    noting: tuple[Callable[[Seen], object], ...] = (Videos, Accounts, Sessions, Logs)
    silent: tuple[Callable[[], object], ...] = (Keys, Captures, Audio, AccessLogs)
    return (*(kind(seen) for kind in noting), *(kind() for kind in silent))
