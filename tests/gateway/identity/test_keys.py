"""The keys: fetched, exchanged, kept while auth is away."""

import asyncio
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from gateway.identity import Keys, Tokens
from gateway.identity.refusals import KeysAway, TokenRefused
from gateway.identity.tokens import Verified
from tests.gateway.identity.issuer import Auth, good_header, payload


async def within_seconds(keys: Keys, tokens: Tokens, token: str) -> Verified:
    """The token's verification once auth can be asked again."""
    async with asyncio.timeout(10):
        while True:
            await keys.refresh()
            try:
                return await tokens.verify(token)
            except KeysAway:
                await asyncio.sleep(0.1)


async def test_the_gateway_asks_in_its_own_name_and_once(tokens: Tokens, auth: Auth) -> None:
    await asyncio.gather(*(tokens.verify(auth.token()) for _ in range(20)))

    assert auth.keyring.askers == ["gateway"]


async def test_a_new_key_is_fetched_at_first_sight(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    await keys.refresh()
    auth.keyring.add("second")
    keys._asked = -float("inf")  # five seconds ago

    verified = await tokens.verify(auth.token("second"))

    assert verified.claims.uid == 7


async def test_many_unknown_kids_cost_auth_one_call(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    await keys.refresh()
    keys._asked = -float("inf")
    foreign = Auth(auth.identity_key.parent)
    for number in range(20):
        foreign.keyring.private[f"unknown-{number}"] = foreign.keyring.private["first"]

    answers = await asyncio.gather(
        *(tokens.verify(foreign.token(f"unknown-{number}")) for number in range(20)), return_exceptions=True
    )

    assert all(isinstance(answer, TokenRefused) for answer in answers)
    assert auth.keyring.asked == 2


async def test_tokens_are_checked_while_auth_is_away(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    await keys.refresh()
    await auth.stop()
    await keys.refresh()

    verified = await tokens.verify(auth.token())

    assert verified.claims.uid == 7


async def test_a_kid_that_auth_could_not_be_asked_about_is_no_refusal(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    await auth.stop()

    with pytest.raises(KeysAway):
        await tokens.verify(auth.token())

    await auth.start()
    assert await within_seconds(keys, tokens, auth.token())


async def test_a_withdrawn_key_ends_tokens_that_are_remembered(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    auth.keyring.add("second")
    token = auth.token("second")
    verified = await tokens.verify(token)
    del auth.keyring.private["second"]

    await keys.refresh()

    assert not tokens.holds(verified, 0)
    with pytest.raises(TokenRefused):
        await tokens.verify(token)


async def test_an_unchanged_answer_forgets_nothing(tokens: Tokens, keys: Keys, auth: Auth) -> None:
    verified = await tokens.verify(auth.token())

    await keys.refresh()

    assert auth.keyring.asked == 2
    assert tokens.holds(verified, 0)


async def test_a_key_too_small_is_never_believed(tokens: Tokens, auth: Auth) -> None:
    auth.keyring.private["small"] = generate_private_key(65537, 1024)  # noqa: S505  # the point of this test
    token = auth.signed(good_header(kid="small"), json.dumps(payload()), "small")

    with pytest.raises(TokenRefused):
        await tokens.verify(token)
