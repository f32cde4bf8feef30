"""PlatformsService: the keys that people keep."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from orrery.auth.platforms.v1.events_pb2 import (
    PlatformKeyChanged,
    PlatformKeyExpired,
    PlatformKeyRefreshed,
    PlatformLinked,
    PlatformUnlinked,
)
from orrery.auth.v1 import platforms_pb2 as pb

from libs.errors import Conflict, Invalid, NotFound, Refusal
from services.auth.sealing import LocalMaster, MasterKey, Ring
from services.auth.sessions.sweep import Sweep
from tests.services.auth.house import MASTER, House
from tests.services.auth.platforms.people import KICK, TWITCH, YOUTUBE, Person, as_visitor, person
from tests.services.auth.platforms.sites import TWITCH_TOKEN, Sites, answering

NOWHERE = "11111111-2222-4333-8444-555555555555"


async def opened(auth: House, key_id: str) -> tuple[str, str]:
    """A key's tokens as whoever uses them will read them."""
    ring = Ring(auth.database, [LocalMaster(MasterKey(MASTER))])
    await ring.refresh()
    [row] = await auth.sql("SELECT access_token, refresh_token FROM platform_key WHERE id = :id", id=key_id)
    return (
        ring.unseal(row.access_token, f"platform_key.access_token:{key_id}").decode(),
        ring.unseal(row.refresh_token, f"platform_key.refresh_token:{key_id}").decode(),
    )


async def test_tokens_from_elsewhere_are_kept_masked_and_told_of(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    key = await ada.create(
        access_token="ya29.a0AfH6SMCabc", refresh_token="1//04-and-more", token_expires_at="2027-08-08T19:00:00+09:00"
    )

    assert (key.access_token, key.refresh_token) == ("ya29.a…", "1//04-…")
    assert (key.token_expires_at, key.is_active) == ("2027-08-08T10:00:00.000000Z", True)
    assert (key.user_id, key.platform_id) == (ada.signed_in.user.id, YOUTUBE)
    assert key.platform == pb.PlatformName(name="youtube", display_name="YouTube")
    assert await ada.keys() == [key]
    assert await opened(auth, key.id) == ("ya29.a0AfH6SMCabc", "1//04-and-more")
    assert [one.key_id for one in await auth.events(ada.user_id, PlatformLinked)] == [key.id]


@pytest.mark.parametrize(
    ("token", "shown"), [("abcdefghijkl", "abcdef…"), ("abcdefgh", "abcd…"), ("ab", "a…"), ("a", "…")]
)
async def test_a_short_token_is_never_shown_by_more_than_half(
    auth: House, world: Sites, token: str, shown: str
) -> None:
    assert (await (await person(auth, world)).create(access_token=token)).access_token == shown


async def test_without_a_refresh_token_or_an_end_none_is_shown(auth: House, world: Sites) -> None:
    key = await (await person(auth, world)).create()

    assert not key.HasField("refresh_token")
    assert not key.HasField("token_expires_at")


async def test_keys_are_listed_newest_first_by_platform_and_by_state(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    first, second = await ada.create(YOUTUBE), await ada.create(TWITCH)
    off = await ada.update(first.id, is_active=False)

    assert await ada.keys() == [second, off]
    assert await ada.keys(platform_id=YOUTUBE) == [off]
    assert await ada.keys(is_active=True) == [second]
    assert await ada.keys(is_active=False) == [off]
    assert await ada.keys(platform_id=TWITCH, is_active=False) == []
    assert await ada.keys(platform_id=NOWHERE) == []


@pytest.mark.parametrize(("platform", "kind"), [(NOWHERE, NotFound), ("youtube", NotFound), (KICK, Conflict)])
async def test_a_key_is_for_a_platform_that_is_active(
    auth: House, world: Sites, platform: str, kind: type[Refusal]
) -> None:
    with pytest.raises(kind):
        await (await person(auth, world)).create(platform)


BAD: dict[str, dict[str, str]] = {
    "a space": {"access_token": "ya29 a"},
    "a line": {"access_token": "ya29\r\nx: y"},
    "another alphabet": {"access_token": "トークン"},
    "too long": {"access_token": "x" * 4097},
    "empty": {"access_token": ""},
    "a refresh token of NUL": {"refresh_token": "\0"},
    "no moment": {"token_expires_at": "tomorrow"},
    "a moment without its offset": {"token_expires_at": "2027-01-01T00:00:00"},
    "a moment before all": {"token_expires_at": "0001-01-01T00:00:00+23:59"},
    "a moment after all": {"token_expires_at": "9999-12-31T23:59:59-23:59"},
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
async def test_fields_keep_their_rules_at_creation_and_change(auth: House, world: Sites, given: dict[str, str]) -> None:
    ada = await person(auth, world)
    key = await ada.create()
    for ask in (ada.create(**given), ada.update(key.id, **given)):
        with pytest.raises(Invalid) as refused:
            await ask
        assert [one.field for one in refused.value.violations] == list(given)

    assert await ada.keys() == [key]


async def test_a_change_keeps_what_is_not_given_and_is_told_of(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = await ada.create(refresh_token="1//04-and-more")

    changed = await ada.update(key.id, access_token="new_access_token", token_expires_at="2027-08-09T10:00:00Z")
    same = await ada.update(key.id)

    assert (changed.access_token, changed.refresh_token) == ("new_ac…", "1//04-…")
    assert changed == same
    assert await opened(auth, key.id) == ("new_access_token", "1//04-and-more")
    [told] = await auth.events(ada.user_id, PlatformKeyChanged)
    assert list(told.changed) == ["access_token", "token_expires_at"]


async def test_a_deleted_key_is_gone_and_told_of_once(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = await ada.create()

    answers = await asyncio.gather(*(ada.delete(key.id) for _ in range(4)), return_exceptions=True)

    assert sum(one is None for one in answers) == 1
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"PLATFORM_KEY_NOT_FOUND"}
    assert len(await auth.events(ada.user_id, PlatformUnlinked)) == 1
    assert await ada.keys() == []


@pytest.mark.parametrize("way", ["update", "renew", "delete"])
@pytest.mark.parametrize("whose", ["another's", "nobody's", "no id"])
async def test_a_key_that_is_not_ones_own_is_not_there(auth: House, world: Sites, way: str, whose: str) -> None:
    ada, eve = await person(auth, world), await person(auth, world)
    key = (await ada.link("twitch")).user_api_key
    key_id = {"another's": key.id, "nobody's": NOWHERE, "no id": "' OR 1=1"}[whose]

    with pytest.raises(NotFound) as refused:
        await getattr(eve, way)(key_id)

    assert refused.value.reason == "PLATFORM_KEY_NOT_FOUND"
    assert await ada.keys() == [key]


async def test_a_person_has_at_most_fifty_keys_even_when_they_hurry(auth: House, world: Sites) -> None:
    ada = await person(auth, world)

    answers: list[Any] = await asyncio.gather(*(ada.create() for _ in range(53)), return_exceptions=True)
    with pytest.raises(Conflict) as refused:
        await ada.link("twitch")

    assert sum(isinstance(one, pb.UserApiKey) for one in answers) == 50
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"TOO_MANY_PLATFORM_KEYS"}
    assert refused.value.reason == "TOO_MANY_PLATFORM_KEYS"


@pytest.mark.parametrize("platform", ["twitch", "youtube"])
async def test_a_keys_tokens_are_renewed_at_its_platform(auth: House, world: Sites, platform: str) -> None:
    ada = await person(auth, world)
    key = (await ada.link(platform)).user_api_key
    before = await opened(auth, key.id)
    await ada.update(key.id, is_active=False)

    renewed = await ada.renew(key.id)

    after = await opened(auth, key.id)
    assert renewed.is_active
    assert after[0] != before[0]
    assert (after[1] == before[1]) == (platform == "youtube")
    assert after[0] in world.access
    assert after[1] in world.refresh
    assert len(await auth.events(ada.user_id, PlatformKeyRefreshed)) == 1


async def test_renewing_at_once_exchanges_once_and_leaves_tokens_that_work(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = (await ada.link("twitch")).user_api_key
    asked = world.count(TWITCH_TOKEN)

    answers = await asyncio.gather(*(ada.renew(key.id) for _ in range(6)), return_exceptions=True)

    access, refresh = await opened(auth, key.id)
    assert world.count(TWITCH_TOKEN) == asked + 1  # Twitch takes a refresh token once
    assert access in world.access
    assert refresh in world.refresh
    assert answers == await ada.keys() * 6
    assert len(await auth.events(ada.user_id, PlatformKeyRefreshed)) == 1


async def test_what_its_owner_gives_while_the_platform_answers_prevails(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = (await ada.link("twitch")).user_api_key
    given, done = threading.Event(), threading.Event()

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        given.set()
        done.wait(5)
        body = {"access_token": "late-access-token", "refresh_token": "late-refresh-token", "expires_in": 60}
        answering(200, json.dumps(body).encode())(handler)

    world.faults[TWITCH_TOKEN] = slowly
    renewing = asyncio.create_task(ada.renew(key.id))
    await asyncio.to_thread(given.wait, 5)
    await ada.update(key.id, access_token="own-access-token", refresh_token="own-refresh-token")
    done.set()

    assert (await renewing).access_token == "own-ac…"
    assert await opened(auth, key.id) == ("own-access-token", "own-refresh-token")
    assert await auth.events(ada.user_id, PlatformKeyRefreshed) == []


async def test_who_dies_while_renewing_keeps_nobody_waiting_for_ever(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = (await ada.link("twitch")).user_api_key
    await auth.sql("UPDATE platform_key SET renewing_until = now() - interval '1 second' WHERE id = :id", id=key.id)

    assert (await ada.renew(key.id)).is_active


@pytest.mark.parametrize("platform", ["twitch", "youtube"])
async def test_a_key_that_the_platform_takes_no_more_is_switched_off_and_told_of(
    auth: House, world: Sites, platform: str
) -> None:
    ada = await person(auth, world)
    key = (await ada.link(platform)).user_api_key
    world.revoke()

    with pytest.raises(Conflict) as refused:
        await ada.renew(key.id)

    assert refused.value.reason == "LINK_EXPIRED"
    assert not (await ada.keys())[0].is_active
    assert len(await auth.events(ada.user_id, PlatformKeyExpired)) == 1


async def test_a_key_without_a_refresh_token_cannot_be_renewed(auth: House, world: Sites) -> None:
    ada = await person(auth, world)
    key = await ada.create()

    with pytest.raises(Conflict) as refused:
        await ada.renew(key.id)

    assert refused.value.reason == "NOTHING_TO_REFRESH"


async def test_states_that_nobody_brought_back_are_swept(auth: House, world: Sites) -> None:
    ada: Person = await person(auth, world)
    await ada.authorize("twitch")
    await as_visitor(auth, world, "twitch")
    await auth.sql("UPDATE platform_state SET expires_at = now() - interval '1 second'")

    await Sweep(auth.database).batch()

    assert await auth.sql("SELECT count(*) FROM platform_state") == [(0,)]
