"""ListVideos."""

import pytest
from orrery.identity.v1.identity_pb2 import Identity
from orrery.media.v1 import videos_pb2 as pb

from tests.services.media.builders import Api, Studio, caller


async def listed(api: Api, who: Identity, **query: int) -> list[int]:
    found = await api(pb.ListVideosRequest(**query), who)
    return [video.video_id for video in found.videos]


async def test_ones_own_videos_are_listed_newest_first(api: Api, studio: Studio) -> None:
    who = caller()
    made = [(await studio.uploading(who)).video_id for _ in range(3)]
    await studio.uploading(caller(who.organization_id))

    assert await listed(api, who) == made[::-1]
    assert await listed(api, who, user_id=who.user_id) == made[::-1]


async def test_pages_follow_one_another(api: Api, studio: Studio) -> None:
    who = caller()
    made = [(await studio.uploading(who)).video_id for _ in range(5)][::-1]

    first = await api(pb.ListVideosRequest(limit=2), who)
    last = await api(pb.ListVideosRequest(limit=2, offset=4), who)
    beyond = await api(pb.ListVideosRequest(offset=100_000), who)

    assert [video.video_id for video in first.videos] == made[:2]
    assert first.has_more
    assert [video.video_id for video in last.videos] == made[4:]
    assert not last.has_more
    assert not beyond.videos
    assert not beyond.has_more


@pytest.mark.parametrize(
    ("query", "expected"),
    [({}, 20), ({"limit": 1}, 1), ({"limit": 100}, 24), ({"limit": 0}, 1), ({"limit": -5}, 1), ({"offset": -1}, 20)],
)
async def test_a_page_has_bounds_whatever_is_asked(
    api: Api, studio: Studio, query: dict[str, int], expected: int
) -> None:
    who = caller()
    for _ in range(24):
        await studio.uploading(who)

    assert len(await listed(api, who, **query)) == expected


async def test_of_another_user_only_what_one_may_see_is_listed(api: Api, studio: Studio) -> None:
    owner = caller()
    await studio.ready(owner)
    shared = (await studio.ready(owner, visibility="organization")).video_id
    public = (await studio.ready(owner, visibility="public")).video_id

    colleague, stranger = caller(owner.organization_id), caller()

    assert await listed(api, colleague, user_id=owner.user_id) == [public, shared]
    assert await listed(api, stranger, user_id=owner.user_id) == [public]
    assert await listed(api, stranger) == []


async def test_a_user_without_videos_has_an_empty_list(api: Api) -> None:
    assert await listed(api, caller(), user_id=987_654_321) == []
