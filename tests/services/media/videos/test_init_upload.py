"""InitUpload."""

from pathlib import Path

import httpx
import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.blobs import Blobs
from libs.database import Database
from libs.errors import Forbidden
from tests.services.media.builders import Api, caller, column, events, put


def request(filename: str = "film.mp4", content_type: str = "video/mp4", size: int = 100) -> pb.InitUploadRequest:
    return pb.InitUploadRequest(filename=filename, content_type=content_type, size=size)


async def test_a_video_is_reserved_and_its_file_can_be_put(api: Api, blobs: Blobs, database: Database) -> None:
    who = caller()

    begun = await api(request(size=5), who)
    assert await put(begun.upload_url, b"video") == httpx.codes.OK
    video = (await api(pb.GetVideoRequest(video_id=begun.video_id), who)).video

    assert (video.status, video.title, video.size, video.visibility) == ("uploading", "film.mp4", 5, "private")
    assert not video.HasField("thumbnail_url")
    assert not video.HasField("duration")
    assert (await blobs.stat(f"{who.organization_id}/{who.user_id}/{begun.video_id}/source")).size == 5
    assert await events(database, begun.video_id) == ["VideoUploadStarted"]


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\my film.mp4", "my film.mp4"),
        ("a\x00b\x1b[31m\r\nc.mp4", "ab[31mc.mp4"),
        ("harmless\u202e4pm.exe", "harmless4pm.exe"),
        ("日本の映画 🎬.mp4", "日本の映画 🎬.mp4"),
        ("..", "untitled"),
        ("///", "untitled"),
    ],
)
async def test_a_file_name_becomes_a_title_and_never_a_path(
    api: Api, database: Database, filename: str, title: str
) -> None:
    who = caller()

    begun = await api(request(filename=filename), who)

    paths = await column(database, "SELECT upload_path FROM video_metadata WHERE video_id = :id", id=begun.video_id)
    video = (await api(pb.GetVideoRequest(video_id=begun.video_id), who)).video
    assert video.title == title
    assert paths == [f"{who.organization_id}/{who.user_id}/{begun.video_id}/source"]


async def test_the_url_is_made_for_the_endpoint_that_clients_reach(api: Api, blobs: Blobs, tmp_path: Path) -> None:
    begun = await api(request(), caller())

    assert "X-Amz-Expires=3600" in begun.upload_url
    assert begun.upload_url.startswith("http://127.0.0.1:")


async def test_without_an_organization_there_is_no_video(api: Api) -> None:
    with pytest.raises(Forbidden) as refused:
        await api(request(), caller(organization_id=""))

    assert refused.value.reason == "ORGANIZATION_MISSING"


async def test_without_the_scope_there_is_no_video(api: Api) -> None:
    with pytest.raises(Forbidden) as refused:
        await api(request(), caller(scopes=("media:read",)))

    assert refused.value.reason == "SCOPE_MISSING"


async def test_reserving_needs_no_object_store(api_without_store: Api) -> None:
    begun = await api_without_store(request(), caller())

    assert begun.video_id > 0
