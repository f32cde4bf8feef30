"""What a platform does wrong becomes one clear refusal, and nothing of its secrets leaves."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from orrery.auth.v1 import platforms_pb2 as pb

from libs.errors import Invalid, Refusal, Unavailable
from libs.settings import DatabaseSettings
from services.auth.platforms.settings import PlatformSettings
from tests.services.auth.house import House, Visitor, open_house
from tests.services.auth.platforms.conftest import registered
from tests.services.auth.platforms.people import Person, as_visitor, person, twitch_callback
from tests.services.auth.platforms.sites import (
    CLIENT_SECRET,
    GOOGLE_CHANNELS,
    GOOGLE_TOKEN,
    TWITCH_TOKEN,
    TWITCH_USERS,
    Sites,
    answering,
    dripping,
    flooding,
    hanging_up,
)

Fault = Callable[[BaseHTTPRequestHandler], None]


def said(status: int, **members: object) -> Fault:
    return answering(status, json.dumps(members).encode())


FAULTS: dict[str, tuple[Fault, str]] = {
    "500": (said(500, message="oops " + CLIENT_SECRET), "PLATFORM_AWAY"),
    "503": (answering(503, b"<html>"), "PLATFORM_AWAY"),
    "408": (said(408), "PLATFORM_AWAY"),
    "429": (answering(429, b"", retry_after="7"), "PLATFORM_BUSY"),
    "429 for ever": (answering(429, b"", retry_after="99999999999999999999"), "PLATFORM_BUSY"),
    "no JSON": (answering(200, b"<html>Welcome</html>"), "PLATFORM_AWAY"),
    "nothing": (answering(200, b""), "PLATFORM_AWAY"),
    "a list": (answering(200, b"[]"), "PLATFORM_AWAY"),
    "deep nesting": (answering(200, b"[" * 100_000), "PLATFORM_AWAY"),
    "a number of a million digits": (answering(200, b'{"a":' + b"9" * 200_000 + b"}"), "PLATFORM_AWAY"),
    "broken UTF-8": (answering(200, b'{"a":"\xff"}'), "PLATFORM_AWAY"),
    "an empty object": (said(200), "PLATFORM_AWAY"),
    "no text where text belongs": (said(200, access_token=5, data=5, items=5), "PLATFORM_AWAY"),
    "a token with a line feed": (said(200, access_token="a\r\nb", data=["x"], items=["x"]), "PLATFORM_AWAY"),
    "a redirect": (answering(302, b"", location="http://127.0.0.1:1/"), "PLATFORM_AWAY"),
    "a redirect that keeps the form": (answering(307, b"", location="http://127.0.0.1:1/"), "PLATFORM_AWAY"),
    "an answer that never ends": (flooding, "PLATFORM_AWAY"),
    "no answer": (hanging_up, "PLATFORM_AWAY"),
}
ADDRESSES = [
    ("twitch", TWITCH_TOKEN),
    ("twitch", TWITCH_USERS),
    ("youtube", GOOGLE_TOKEN),
    ("youtube", GOOGLE_CHANNELS),
]


async def failing(who: Person, platform: str) -> Refusal:
    code, state = await who.allowed(platform)
    with pytest.raises(Refusal) as refused:
        await who.complete(platform, code, state)
    told = f"{refused.value} {refused.value.details}"
    assert CLIENT_SECRET not in told
    assert code not in told
    return refused.value


@pytest.mark.parametrize(("platform", "address"), ADDRESSES)
@pytest.mark.parametrize(("fault", "reason"), FAULTS.values(), ids=FAULTS)
async def test_an_answer_that_is_none_is_the_platforms_fault(
    auth: House, world: Sites, platform: str, address: str, fault: Fault, reason: str
) -> None:
    ada = await person(auth, world)
    world.faults[address] = fault

    refusal = await failing(ada, platform)

    assert world.count(address) == 1
    assert (refusal.reason, isinstance(refusal, Unavailable)) == (reason, True)
    assert await ada.keys() == []


@pytest.mark.parametrize("address", [TWITCH_TOKEN, TWITCH_USERS])
async def test_an_answer_that_comes_drop_by_drop_is_not_waited_for(auth: House, world: Sites, address: str) -> None:
    ada = await person(auth, world)
    world.faults[address] = dripping

    assert (await failing(ada, "twitch")).reason == "PLATFORM_AWAY"

    assert world.count(address) == 1


async def test_when_to_come_again_is_told_and_bounded(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    told = []
    for text in ("7", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "٣"):
        world.faults[TWITCH_TOKEN] = answering(429, b"", retry_after=text.encode().decode("latin-1"))
        told.append((await failing(ada, "twitch")).details["retry_after_seconds"])

    assert told == ["7", "60", "60", "60", "60"]


OURS: dict[str, tuple[str, Fault]] = {
    "Twitch knows no such app": (TWITCH_TOKEN, said(400, message="invalid client")),
    "Twitch has another secret": (TWITCH_TOKEN, said(403, message="invalid client secret")),
    "Twitch knows not the page": (
        TWITCH_TOKEN,
        said(400, message="Parameter redirect_uri does not match registered URI"),
    ),
    "Google knows no such app": (GOOGLE_TOKEN, said(401, error="invalid_client")),
    "Google knows not the page": (GOOGLE_TOKEN, said(400, error="redirect_uri_mismatch")),
    "a page that is gone": (GOOGLE_TOKEN, answering(404, b"Not Found")),
    "an API that is gone": (TWITCH_USERS, answering(410, b"Gone")),
}


@pytest.mark.parametrize(("address", "fault"), OURS.values(), ids=OURS)
async def test_a_registration_that_a_platform_does_not_take_is_the_deployments_fault(
    auth: House, world: Sites, address: str, fault: Fault
) -> None:
    ada = await person(auth, world)
    world.faults[address] = fault

    refusal = await failing(ada, "youtube" if address == GOOGLE_TOKEN else "twitch")

    assert (refusal.reason, isinstance(refusal, Unavailable)) == ("PLATFORM_REFUSES_US", True)


@pytest.mark.parametrize(
    ("address", "fault", "reason"),
    [
        (TWITCH_USERS, said(401, message="Invalid OAuth token"), "CODE_REFUSED"),
        (GOOGLE_CHANNELS, said(401, error={"code": 401}), "CODE_REFUSED"),
        (GOOGLE_CHANNELS, said(403, error={"errors": [{"reason": "insufficientPermissions"}]}), "PERMISSION_MISSING"),
        (GOOGLE_CHANNELS, said(403, error={"errors": [{"reason": "quotaExceeded"}]}), "PLATFORM_BUSY"),
        (GOOGLE_CHANNELS, said(403, error={"errors": [{"reason": "accessNotConfigured"}]}), "PLATFORM_REFUSES_US"),
        (GOOGLE_CHANNELS, said(403, error={"errors": [{"reason": []}, 5]}), "PERMISSION_MISSING"),
        (GOOGLE_CHANNELS, said(403, error="?"), "PERMISSION_MISSING"),
        (TWITCH_TOKEN, said(400, error="invalid_grant"), "CODE_REFUSED"),
        (GOOGLE_TOKEN, said(401, error="invalid_grant"), "CODE_REFUSED"),
    ],
)
async def test_each_refusal_of_a_platform_has_its_meaning(
    auth: House, world: Sites, address: str, fault: Fault, reason: str
) -> None:
    ada = await person(auth, world)
    world.faults[address] = fault

    assert (await failing(ada, "youtube" if address in (GOOGLE_TOKEN, GOOGLE_CHANNELS) else "twitch")).reason == reason


async def test_a_platform_that_is_away_switches_no_key_off(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = (await ada.link("twitch")).user_api_key
    for fault in (said(500), answering(429, b""), said(403, message="invalid client secret"), hanging_up):
        world.faults[TWITCH_TOKEN] = fault
        with pytest.raises(Unavailable):
            await ada.renew(key.id)

    world.faults = {}
    assert (await ada.keys()) == [key]
    assert await ada.renew(key.id)


async def test_a_wrong_secret_is_said_to_nobody(settings: DatabaseSettings, world: Sites, tmp_path: Path) -> None:
    async with open_house(settings, tmp_path, platforms=registered(world.url, "another-secret")) as house:
        ada = await person(house, world)
        for platform in ("twitch", "youtube"):
            refusal = await failing(ada, platform)
            assert refusal.reason == "PLATFORM_REFUSES_US"
            assert "another-secret" not in f"{refusal} {refusal.details}"


async def test_a_server_that_is_not_there_is_away(settings: DatabaseSettings, world: Sites, tmp_path: Path) -> None:
    gone = registered("http://127.0.0.1:1")
    async with open_house(settings, tmp_path, platforms=gone) as house:
        with pytest.raises(Unavailable) as refused:
            await twitch_callback(house, *(await as_visitor(house, world, "twitch")))

    assert refused.value.reason == "PLATFORM_AWAY"


async def test_without_credentials_links_are_not_to_be_had_and_keys_still_are(
    settings: DatabaseSettings, world: Sites, tmp_path: Path
) -> None:
    async with open_house(settings, tmp_path, platforms=PlatformSettings()) as house:
        ada = await person(house, world)
        refresh = pb.RefreshPlatformRequest(refresh_token="x")
        asked = (
            ada.authorize("youtube"),
            ada.complete("twitch", "code", "state"),
            twitch_callback(house, "code", "state"),
            house.call("RefreshYoutube", refresh, pb.YoutubeTokens, Visitor()),
        )
        for ask in asked:
            with pytest.raises(Unavailable) as refused:
                await ask
            assert refused.value.reason == "PLATFORM_NOT_CONFIGURED"
        assert await ada.create()


@pytest.mark.parametrize(
    "given",
    [
        {"twitch": {"client_id": "id"}, "redirect_uris": "https://a.example/"},
        {"youtube": {"client_secret": "hush"}, "redirect_uris": "https://a.example/"},
        {"twitch": {"client_id": "id", "client_secret": "hush"}},
    ],
)
def test_half_a_registration_stops_the_start(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"CLIENT_SECRET together|needs REDIRECT_URIS") as refused:
        PlatformSettings.model_validate(given)

    assert "hush" not in str(refused.value)


async def test_a_person_who_is_suspended_keeps_no_new_tokens(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    code, state = await ada.allowed("twitch")
    await auth.sql("UPDATE user_account SET is_active = false WHERE user_id = :id", id=ada.user_id)

    with pytest.raises(Refusal) as refused:
        await ada.complete("twitch", code, state)

    assert not isinstance(refused.value, Invalid)
    assert await auth.sql("SELECT count(*) FROM platform_key WHERE user_id = :id", id=ada.user_id) == [(0,)]
