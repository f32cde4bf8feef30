"""GetVideo."""

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.errors import NotFound
from tests.services.media.builders import Api, Studio, caller


def get(video_id: int) -> pb.GetVideoRequest:
    return pb.GetVideoRequest(video_id=video_id)


async def test_a_ready_video_shows_what_was_found(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who, title="minutes.mp4", size=4711)

    video = (await api(get(made.video_id), who)).video

    assert (video.video_id, video.user_id, video.title, video.status) == (
        made.video_id,
        who.user_id,
        "minutes.mp4",
        "ready",
    )
    assert (video.duration, video.width, video.height, video.size) == (12.345, 640, 360, 4711)
    assert "thumbnail.jpg?X-Amz-" in video.thumbnail_url
    assert video.stream_url == f"/api/media/videos/{made.video_id}/stream.m3u8"
    assert video.created_at.endswith("Z")
    assert not video.HasField("failure_reason")


async def test_a_signed_url_is_handed_out_again(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    first, second = [(await api(get(made.video_id), who)).video.thumbnail_url for _ in range(2)]

    assert first == second


@pytest.mark.parametrize(
    ("visibility", "colleague_sees", "stranger_sees"),
    [("private", False, False), ("organization", True, False), ("public", True, True)],
)
async def test_who_sees_a_video_is_its_owners_choice(
    api: Api, studio: Studio, visibility: str, colleague_sees: bool, stranger_sees: bool
) -> None:
    owner = caller()
    made = await studio.ready(owner, visibility=visibility)

    seen = [await sees(api, made.video_id, who) for who in (owner, caller(owner.organization_id), caller())]

    assert seen == [True, colleague_sees, stranger_sees]


async def sees(api: Api, video_id: int, who: object) -> bool:
    try:
        await api(get(video_id), who)  # type: ignore[arg-type]  # an identity
    except NotFound:
        return False
    return True


async def test_a_public_video_is_a_strangers_only_when_it_is_ready(api: Api, studio: Studio) -> None:
    owner = caller()
    made = await studio.uploading(owner)
    await api(pb.UpdateVideoRequest(video_id=made.video_id, visibility="public"), owner)

    assert await sees(api, made.video_id, caller(owner.organization_id))
    assert not await sees(api, made.video_id, caller())


async def test_an_unknown_video_is_not_found(api: Api) -> None:
    with pytest.raises(NotFound, match="There is no such video"):
        await api(get(987_654_321), caller())


async def test_reading_needs_no_object_store(api_without_store: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    video = (await api_without_store(get(made.video_id), who)).video

    assert video.thumbnail_url
