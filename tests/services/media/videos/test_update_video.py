"""UpdateVideo."""

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.database import Database
from libs.errors import Forbidden, Invalid, NotFound
from tests.services.media.builders import Api, Studio, caller, column, events


async def test_what_is_given_changes_and_the_rest_stays(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.ready(who, title="old.mp4")

    await api(pb.UpdateVideoRequest(video_id=made.video_id, description="Of the meeting."), who)
    changed = await api(pb.UpdateVideoRequest(video_id=made.video_id, title="Minutes", visibility="public"), who)
    video = (await api(pb.GetVideoRequest(video_id=made.video_id), who)).video

    assert (video.title, video.description, video.visibility) == ("Minutes", "Of the meeting.", "public")
    assert changed.video == video
    assert (await events(database, made.video_id))[-2:] == ["VideoUpdated", "VideoUpdated"]


async def test_a_description_can_be_emptied(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)
    await api(pb.UpdateVideoRequest(video_id=made.video_id, description="words"), who)

    changed = await api(pb.UpdateVideoRequest(video_id=made.video_id, description=""), who)

    assert changed.video.description == ""


async def test_changing_nothing_is_silent(api: Api, studio: Studio, database: Database) -> None:
    who = caller()
    made = await studio.ready(who, title="same.mp4")
    before = await events(database, made.video_id)

    await api(pb.UpdateVideoRequest(video_id=made.video_id), who)
    await api(pb.UpdateVideoRequest(video_id=made.video_id, title="same.mp4", visibility="private"), who)

    assert await events(database, made.video_id) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visibility": "secret"}, "visibility"),
        ({"title": " \t\n"}, "title"),
        ({"title": "a\0b", "description": "\0"}, "description"),
    ],
)
async def test_text_that_cannot_be_kept_is_refused(
    api: Api, studio: Studio, database: Database, changes: dict[str, str], field: str
) -> None:
    who = caller()
    made = await studio.ready(who)

    with pytest.raises(Invalid) as refused:
        await api(pb.UpdateVideoRequest(video_id=made.video_id, **changes), who)

    query = "SELECT title FROM video_metadata WHERE video_id = :id"
    assert [broken.field for broken in refused.value.violations] == [field]
    assert await column(database, query, id=made.video_id) == ["film.mp4"]


async def test_only_the_owner_changes_a_video(api: Api, studio: Studio, database: Database) -> None:
    owner = caller()
    private, shared = await studio.ready(owner), await studio.ready(owner, visibility="organization")
    public = await studio.ready(owner, visibility="public")
    change = {"title": "mine now"}

    with pytest.raises(Forbidden):
        await api(pb.UpdateVideoRequest(video_id=shared.video_id, **change), caller(owner.organization_id))
    for video, who in ((private, caller(owner.organization_id)), (shared, caller()), (public, caller())):
        with pytest.raises(NotFound):
            await api(pb.UpdateVideoRequest(video_id=video.video_id, **change), who)

    titles = await column(database, "SELECT DISTINCT title FROM video_metadata WHERE user_id = :id", id=owner.user_id)
    assert titles == ["film.mp4"]
