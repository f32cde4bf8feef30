"""What ended before the credentials that name it."""

import time
import uuid

import pytest

from gateway.identity import Revocations, Tokens
from gateway.identity.ended import KEEP_SECONDS, Ended
from gateway.identity.refusals import TokenExpired
from tests.gateway.identity.issuer import ORGANIZATION, USER, Auth


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_an_ending_is_forgotten_when_no_token_can_live() -> None:
    ended, keep_ms = Ended(), KEEP_SECONDS * 1000
    ended.add("session:old", now_ms() - keep_ms - 1_000)
    ended.add("session:young", now_ms() - keep_ms + 200)
    ended.add("session:new", now_ms())
    assert (ended.is_over("session:old"), ended.is_over("session:young")) == (False, True)

    time.sleep(0.3)
    ended.forget()

    assert (ended.is_over("session:young"), ended.is_over("session:new")) == (False, True)


def test_what_was_asked_before_an_ending_was_heard_is_asked_again() -> None:
    ended, before = Ended(), time.monotonic()
    ended.add("api_key:1", now_ms())

    assert ended.heard_since(("organization:9", "api_key:1"), before)
    assert not ended.heard_since(("api_key:1",), time.monotonic() + 1)
    assert not ended.heard_since(("api_key:2",), before)


@pytest.mark.parametrize("name", [f"account:{USER}", f"membership:{ORGANIZATION}:7", f"organization:{ORGANIZATION}"])
async def test_a_token_from_before_a_change_must_be_renewed(
    name: str, tokens: Tokens, auth: Auth, revocations: Revocations
) -> None:
    before, after = auth.token(asof=now_ms() - 1_000), auth.token(asof=now_ms() + 1_000, sid=str(uuid.uuid4()))
    verified = await tokens.verify(before)

    revocations.ended.add(name, now_ms())

    assert not tokens.holds(verified, time.time())
    with pytest.raises(TokenExpired):
        await tokens.verify(before)
    assert await tokens.verify(after)


async def test_the_endings_of_others_change_nothing(tokens: Tokens, auth: Auth, revocations: Revocations) -> None:
    verified = await tokens.verify(auth.token(asof=now_ms() - 1_000))

    revocations.ended.add(f"account:{uuid.uuid4()}", now_ms())

    assert tokens.holds(verified, time.time())
