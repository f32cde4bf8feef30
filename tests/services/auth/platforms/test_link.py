"""PlatformsService: linking an account at a platform."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from orrery.auth.platforms.v1.events_pb2 import PlatformLinked, PlatformRefused
from orrery.auth.v1 import platforms_pb2 as pb

from libs.errors import Conflict, Invalid, NotFound, Refusal
from tests.services.auth.house import House
from tests.services.auth.platforms.people import TWITCH, YOUTUBE, Person, person
from tests.services.auth.platforms.sites import CLIENT_ID, GOOGLE_TOKEN, PAGE, TWITCH_TOKEN, Sites

MASKED = "access…"


async def refused(who: Person, platform: str, code: str, state: str) -> str:
    with pytest.raises(Invalid) as refusal:
        await who.complete(platform, code, state)
    return refusal.value.reason


async def test_the_platforms_are_listed_and_kick_is_not_active(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    answer = await auth.call("ListPlatforms", pb.ListPlatformsRequest(), pb.ListPlatformsResponse, ada.visitor)

    assert [(one.name, one.display_name, one.is_active) for one in answer.platforms] == [
        ("youtube", "YouTube", True),
        ("twitch", "Twitch", True),
        ("kick", "Kick", False),
    ]
    youtube, twitch, _ = answer.platforms
    assert (youtube.id, twitch.id) == (YOUTUBE, TWITCH)
    assert list(youtube.required_scopes) == ["https://www.googleapis.com/auth/youtube.readonly"]
    assert list(twitch.required_scopes) == ["user:read:follows"]
    assert youtube.created_at == "2025-08-07T10:00:00.000000Z"


async def test_twitchs_page_is_asked_for_what_a_link_needs(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    found = await ada.authorize("twitch", redirect_uri=PAGE)

    parts = urlsplit(found.authorization_url)
    assert parts.path == "/oauth2/authorize"
    assert parse_qs(parts.query) == {
        "client_id": [CLIENT_ID],
        "redirect_uri": [PAGE],
        "response_type": ["code"],
        "scope": ["user:read:follows"],
        "state": [found.state],
    }


async def test_googles_page_is_asked_with_a_code_challenge_and_for_a_refresh_token(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    asked = parse_qs(urlsplit((await ada.authorize("youtube")).authorization_url).query)

    assert asked["redirect_uri"] == [PAGE]
    assert asked["scope"] == ["https://www.googleapis.com/auth/youtube.readonly openid email profile"]
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == (
        ["offline"],
        ["consent"],
        ["S256"],
    )
    assert len(asked["code_challenge"][0]) == 43


async def test_states_and_challenges_are_never_the_same(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    found = [await ada.authorize("youtube") for _ in range(3)]

    assert len({one.state for one in found}) == 3
    assert len({parse_qs(urlsplit(one.authorization_url).query)["code_challenge"][0] for one in found}) == 3


@pytest.mark.parametrize(
    "redirect_uri",
    [
        PAGE + "/",
        PAGE + "?x=1",
        PAGE.upper(),
        PAGE.replace("https", "http"),
        "https://app.orrery.test.evil.example/callback",
        "https://app.orrery.test/callback/../evil",
        "javascript:alert(1)",
        "",
    ],
)
async def test_a_page_that_is_not_on_the_list_is_refused_as_it_stands(
    auth: House, world: Sites, redirect_uri: str
) -> None:
    ada = await person(auth, world)

    with pytest.raises(Invalid) as refusal:
        await ada.authorize("twitch", redirect_uri=redirect_uri)

    assert [one.field for one in refusal.value.violations] == ["redirect_uri"]


@pytest.mark.parametrize(("platform", "kind"), [("myspace", NotFound), ("kick", Conflict), ("Twitch", NotFound)])
async def test_a_platform_must_be_known_and_active(
    auth: House, world: Sites, platform: str, kind: type[Refusal]
) -> None:
    ada = await person(auth, world)

    with pytest.raises(kind):
        await ada.authorize(platform)
    with pytest.raises(kind):
        await ada.complete(platform, "code", "state")


async def test_a_twitch_account_is_linked_masked_and_told_of(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    made = await ada.link("twitch")

    key, info = made.user_api_key, made.platform_user_info
    assert (key.platform_id, key.user_id, key.is_active) == (TWITCH, ada.signed_in.user.id, True)
    assert (key.access_token, key.refresh_token) == (MASKED, "refres…")
    assert (info.channel_id, info.title) == ("141981764", "TwitchDev")
    assert info.description == "Supporting third-party developers."
    assert info.thumbnail_url.startswith("https://static-cdn.jtvnw.net/")
    assert not info.HasField("subscriber_count")
    assert await auth.events(ada.user_id, PlatformLinked) == [
        PlatformLinked(user_id=ada.user_id, key_id=key.id, platform="twitch", channel_id="141981764")
    ]


async def test_a_youtube_channel_is_linked_with_its_numbers(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    info = (await ada.link("youtube")).platform_user_info

    assert (info.channel_id, info.title) == ("UC_x5XG1OV2P6uZZ5FSM9Ttw", "Analytical Engines")
    assert (info.thumbnail_url, info.subscriber_count) == ("https://yt3.ggpht.com/s800.jpg", 1500)


async def test_tokens_lie_sealed_and_states_and_verifiers_are_not_kept_in_the_clear(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    state = (await ada.authorize("youtube")).state
    await ada.link("youtube")

    [key] = await auth.sql("SELECT access_token, refresh_token FROM platform_key WHERE user_id = :id", id=ada.user_id)
    [waiting] = await auth.sql("SELECT hash, verifier FROM platform_state WHERE user_id = :id", id=ada.user_id)

    assert not any(token.encode() in column for column in key for token in (*world.access, *world.refresh))
    assert state.encode() not in waiting.hash + waiting.verifier
    assert len(waiting.hash) == 32


async def test_linking_the_same_account_again_keeps_its_key(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    first = (await ada.link("twitch")).user_api_key
    await ada.update(first.id, is_active=False)

    second = (await ada.link("twitch")).user_api_key

    assert (second.id, second.is_active) == (first.id, True)
    assert len(await ada.keys()) == 1


async def test_two_people_may_link_one_account(auth: House, world: Sites) -> None:
    ada, eve = await person(auth, world), await person(auth, world)

    keys = {(await ada.link("twitch")).user_api_key.id, (await eve.link("twitch")).user_api_key.id}

    assert len(keys) == 2


async def test_a_state_is_good_once(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed("twitch")
    await ada.complete("twitch", code, state)
    asked = world.count(TWITCH_TOKEN)

    assert await refused(ada, "twitch", code, state) == "STATE_REFUSED"

    assert world.count(TWITCH_TOKEN) == asked
    assert [one.reason for one in await auth.events(ada.user_id, PlatformRefused)] == ["state"]


async def test_of_many_callbacks_with_one_state_one_asks_the_platform(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed("youtube")
    asked = world.count(GOOGLE_TOKEN)

    answers = await asyncio.gather(*(ada.complete("youtube", code, state) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(one, pb.LinkPlatformResponse) for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"STATE_REFUSED"}
    assert world.count(GOOGLE_TOKEN) == asked + 1


async def test_a_state_is_bound_to_who_asked(auth: House, world: Sites) -> None:
    ada, eve = await person(auth, world), await person(auth, world)
    code, state = await ada.allowed("twitch")

    assert await refused(eve, "twitch", code, state) == "STATE_REFUSED"

    assert (await ada.complete("twitch", code, state)).user_api_key.user_id == ada.signed_in.user.id


async def test_a_state_is_bound_to_its_platform(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed("twitch")

    assert await refused(ada, "youtube", code, state) == "STATE_REFUSED"


@pytest.mark.parametrize("state", ["made-up", "x" * 512, "状態", "' OR 1=1 --", "\ud7ff"])
async def test_a_state_that_was_never_issued_is_refused(auth: House, world: Sites, state: str) -> None:
    assert await refused(await person(auth, world), "twitch", "code", state) == "STATE_REFUSED"


async def test_a_state_lives_ten_minutes(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed("twitch")
    past = "UPDATE platform_state SET expires_at = expires_at - interval '10 minutes' WHERE user_id = :id"
    await auth.sql(past, id=ada.user_id)

    assert await refused(ada, "twitch", code, state) == "STATE_REFUSED"


@pytest.mark.parametrize("platform", ["twitch", "youtube"])
async def test_a_code_that_the_platform_does_not_take_is_refused_told_of_and_uses_the_state_up(
    auth: House, world: Sites, platform: str
) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed(platform)

    assert await refused(ada, platform, "another", state) == "CODE_REFUSED"
    assert await refused(ada, platform, code, state) == "STATE_REFUSED"

    assert [one.reason for one in await auth.events(ada.user_id, PlatformRefused)] == ["code", "state"]
    assert await ada.keys() == []


async def test_a_code_stolen_from_another_link_lacks_its_verifier(auth: House, world: Sites) -> None:
    ada, eve = await person(auth, world), await person(auth, world)
    stolen, _ = await ada.allowed("youtube")
    _, state = await eve.allowed("youtube")

    assert await refused(eve, "youtube", stolen, state) == "CODE_REFUSED"
