"""ListCaptures."""

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.errors import NotFound
from tests.services.media.builders import Api, Studio, caller


async def test_captures_are_listed_in_time_order_with_signed_urls(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    captures = (await api(pb.ListCapturesRequest(video_id=made.video_id), who)).captures

    assert [one.timestamp for one in captures] == [0.0, 4.04, 8.0]
    assert "captures/000001.jpg?X-Amz-" in captures[0].image_url


async def test_a_page_of_captures_is_a_part_of_them(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    middle = await api(pb.ListCapturesRequest(video_id=made.video_id, limit=1, offset=1), who)
    beyond = await api(pb.ListCapturesRequest(video_id=made.video_id, offset=3), who)

    assert [one.timestamp for one in middle.captures] == [4.04]
    assert not beyond.captures


async def test_a_video_that_is_not_processed_has_none_yet(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.processing(who)

    assert not (await api(pb.ListCapturesRequest(video_id=made.video_id), who)).captures


async def test_captures_are_seen_by_whoever_sees_the_video(api: Api, studio: Studio) -> None:
    owner = caller()
    private, public = await studio.ready(owner), await studio.ready(owner, visibility="public")

    seen = (await api(pb.ListCapturesRequest(video_id=public.video_id), caller())).captures

    assert len(seen) == 3
    for who in (caller(), caller(owner.organization_id)):
        with pytest.raises(NotFound):
            await api(pb.ListCapturesRequest(video_id=private.video_id), who)
