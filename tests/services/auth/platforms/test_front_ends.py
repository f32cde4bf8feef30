"""PlatformsService: callbacks and refreshes of front-ends that keep the tokens themselves."""

import asyncio
from datetime import datetime

import pytest
from orrery.auth.platforms.v1.events_pb2 import PlatformRefused, PlatformTokensIssued
from orrery.auth.v1 import platforms_pb2 as pb

from libs.errors import Invalid, Refusal
from tests.services.auth.house import House, Visitor
from tests.services.auth.platforms.people import as_visitor, person, twitch_callback, youtube_callback
from tests.services.auth.platforms.sites import (
    GOOGLE_USER,
    TWITCH_USERS,
    Sites,
    answering,
)


async def test_twitchs_tokens_are_answered_with_whose_they_are(auth: House, world: Sites) -> None:
    found = await twitch_callback(auth, *(await as_visitor(auth, world, "twitch")))

    assert found.access_token in world.access
    assert found.refresh_token in world.refresh
    assert (found.expires_in, found.platform) == (14124, "twitch")
    assert datetime.fromisoformat(found.expires_at).tzinfo
    assert found.user == pb.TwitchUser(
        id="141981764",
        login="twitchdev",
        display_name="TwitchDev",
        profile_image_url="https://static-cdn.jtvnw.net/jtv_user_pictures/8a6381c7.png",
    )
    assert (await auth.events(0, PlatformTokensIssued))[-1] == PlatformTokensIssued(
        platform="twitch", channel_id="141981764"
    )


async def test_googles_tokens_are_answered_with_whose_they_are(auth: House, world: Sites) -> None:
    found = await youtube_callback(auth, *(await as_visitor(auth, world, "youtube")))

    assert found.access_token in world.access
    assert found.user == pb.GoogleUser(
        id="110248495921238986420",
        name="Ada Lovelace",
        picture="https://lh3.googleusercontent.com/a/photo.jpg",
        email="ada@gmail.com",
    )


async def test_nothing_is_kept_of_them(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    await twitch_callback(auth, *(await ada.allowed("twitch")), ada.visitor)

    assert await ada.keys() == []


async def test_a_state_of_somebody_signed_in_comes_back_with_them_or_with_nobody(auth: House, world: Sites) -> None:
    ada, eve = await person(auth, world), await person(auth, world)
    code, state = await ada.allowed("twitch")

    with pytest.raises(Invalid) as refused:
        await twitch_callback(auth, code, state, eve.visitor)

    assert refused.value.reason == "STATE_REFUSED"
    assert await twitch_callback(auth, code, state)


async def test_a_state_of_nobody_links_nothing_to_anybody(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await as_visitor(auth, world, "twitch")

    with pytest.raises(Invalid) as refused:
        await ada.complete("twitch", code, state)

    assert refused.value.reason == "STATE_REFUSED"


async def test_a_state_is_good_once_and_for_its_platform(auth: House, world: Sites) -> None:
    code, state = await as_visitor(auth, world, "twitch")
    with pytest.raises(Invalid):
        await youtube_callback(auth, code, state)

    answers = await asyncio.gather(*(twitch_callback(auth, code, state) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(one, pb.TwitchTokens) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"STATE_REFUSED"}
    assert (await auth.events(0, PlatformRefused))[-1].reason == "state"


async def test_a_state_that_authorize_never_issued_is_refused(auth: House, world: Sites) -> None:
    code, _ = await as_visitor(auth, world, "twitch")

    with pytest.raises(Invalid) as refused:
        await twitch_callback(auth, code, "random_state_string")

    assert refused.value.reason == "STATE_REFUSED"


async def test_twitchs_tokens_are_renewed_once(auth: House, world: Sites) -> None:
    old = await twitch_callback(auth, *(await as_visitor(auth, world, "twitch")))
    request = pb.RefreshPlatformRequest(refresh_token=old.refresh_token)

    new = await auth.call("RefreshTwitch", request, pb.TwitchTokens)
    with pytest.raises(Invalid) as refused:
        await auth.call("RefreshTwitch", request, pb.TwitchTokens)

    assert (new.user, new.platform) == (old.user, "twitch")
    assert new.access_token != old.access_token
    assert refused.value.reason == "PLATFORM_TOKEN_REFUSED"
    assert (await auth.events(0, PlatformRefused))[-1] == PlatformRefused(platform="twitch", reason="refresh_token")


async def test_googles_refresh_token_stays_where_it_gives_no_other(auth: House, world: Sites) -> None:
    old = await youtube_callback(auth, *(await as_visitor(auth, world, "youtube")))

    request = pb.RefreshPlatformRequest(refresh_token=old.refresh_token)
    new = await auth.call("RefreshYoutube", request, pb.YoutubeTokens)

    assert new.refresh_token == old.refresh_token
    assert new.access_token in world.access


@pytest.mark.parametrize("method", ["RefreshTwitch", "RefreshYoutube"])
@pytest.mark.parametrize("token", ["made-up", "x" * 2048, "ö", "a b"])
async def test_a_refresh_token_that_is_none_is_refused(auth: House, method: str, token: str) -> None:
    answer = pb.TwitchTokens if method == "RefreshTwitch" else pb.YoutubeTokens
    with pytest.raises(Invalid) as refused:
        await auth.call(method, pb.RefreshPlatformRequest(refresh_token=token), answer)

    assert refused.value.reason == "PLATFORM_TOKEN_REFUSED"


async def test_renewed_tokens_are_not_lost_where_nobody_says_whose_they_are(auth: House, world: Sites) -> None:
    old = await twitch_callback(auth, *(await as_visitor(auth, world, "twitch")))
    world.faults = {TWITCH_USERS: answering(500, b""), GOOGLE_USER: answering(500, b"")}

    request = pb.RefreshPlatformRequest(refresh_token=old.refresh_token)
    new = await auth.call("RefreshTwitch", request, pb.TwitchTokens)

    assert new.access_token in world.access
    assert not new.HasField("user")


async def test_the_way_in_is_the_same_for_who_is_signed_in(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await as_visitor(auth, world, "twitch", ada.visitor)

    with pytest.raises(Invalid):
        await twitch_callback(auth, code, state, Visitor(token=(await person(auth, world)).signed_in.token))

    assert await twitch_callback(auth, code, state, ada.visitor)
    assert (await auth.events(ada.user_id, PlatformTokensIssued))[-1].platform == "twitch"
