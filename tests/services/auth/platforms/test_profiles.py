"""PlatformsService: what platforms say of the accounts that are being linked."""

import pytest
from orrery.auth.platforms.v1.events_pb2 import PlatformRefused

from libs.errors import Conflict, Unavailable
from tests.services.auth.house import House
from tests.services.auth.platforms.people import person
from tests.services.auth.platforms.sites import Sites


async def test_a_channel_may_hide_its_numbers_and_have_no_picture(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    world.channel["statistics"] = {"hiddenSubscriberCount": True, "subscriberCount": "0"}
    world.channel["snippet"]["thumbnails"] = {"high": {"url": "javascript:alert(1)"}}

    info = (await ada.link("youtube")).platform_user_info

    assert not info.HasField("subscriber_count")
    assert not info.HasField("thumbnail_url")


@pytest.mark.parametrize("platform", ["twitch", "youtube"])
async def test_who_allows_less_than_is_needed_has_no_link(auth: House, world: Sites, platform: str) -> None:
    ada = await person(auth, world)

    with pytest.raises(Conflict) as refusal:
        await ada.complete(platform, *(await ada.allowed(platform, scopes="openid")))

    assert refusal.value.reason == "PERMISSION_MISSING"
    assert [one.reason for one in await auth.events(ada.user_id, PlatformRefused)] == ["permission"]
    assert await ada.keys() == []


@pytest.mark.parametrize("platform", ["twitch", "youtube"])
async def test_an_account_without_a_channel_has_no_link(auth: House, world: Sites, platform: str) -> None:
    ada = await person(auth, world)
    world.has_channel = False

    with pytest.raises(Conflict) as refusal:
        await ada.link(platform)

    assert refusal.value.reason == "CHANNEL_MISSING"
    assert [one.reason for one in await auth.events(ada.user_id, PlatformRefused)] == ["channel"]


@pytest.mark.parametrize("lifetime", [0, -1, "3600", 1e9, True, 10**12, None, [3600]])
async def test_a_lifetime_that_makes_no_sense_is_no_answer(auth: House, world: Sites, lifetime: object) -> None:
    ada = await person(auth, world)
    world.lifetime = lifetime

    with pytest.raises(Unavailable) as refusal:
        await ada.link("twitch")

    assert refusal.value.reason == "PLATFORM_AWAY"


@pytest.mark.parametrize("name", ["\ud800half", "nul\0", "x" * 100_000, 5, None, {"a": 1}])
async def test_what_a_platform_says_of_people_is_cut_to_size(auth: House, world: Sites, name: object) -> None:
    ada = await person(auth, world)
    world.twitch_user["display_name"] = world.twitch_user["description"] = name

    info = (await ada.link("twitch")).platform_user_info

    assert len(info.title) <= 500
    assert len(info.description) <= 5000
    assert "\0" not in info.title


@pytest.mark.parametrize("found", [None, "", 5, "x" * 101, "a\nb", ["1"]])
async def test_an_id_that_is_none_is_no_answer(auth: House, world: Sites, found: object) -> None:
    ada = await person(auth, world)
    world.twitch_user["id"] = found

    with pytest.raises(Unavailable) as refusal:
        await ada.link("twitch")

    assert refusal.value.reason == "PLATFORM_AWAY"
