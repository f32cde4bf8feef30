"""Trading the one-time code of a sign-in for tokens."""

import asyncio
import hashlib
import secrets
from base64 import urlsafe_b64encode

import pytest

from libs.errors import Refusal, Unauthenticated
from tests.services.auth.house import VISITOR, House
from tests.services.auth.sso.journey import Journey, person, refusals


async def test_the_one_time_code_is_good_once_even_when_it_comes_twice_at_once(journey: Journey) -> None:
    told = await journey.through(**person())

    done = await asyncio.gather(*(journey.exchange(told["code"]) for _ in range(5)), return_exceptions=True)

    assert len([one for one in done if not isinstance(one, BaseException)]) == 1
    assert {one.reason for one in done if isinstance(one, Refusal)} == {"SSO_CODE_REFUSED"}


async def test_the_one_time_code_lives_a_minute(journey: Journey, sso: House) -> None:
    told = await journey.through(**person())
    await sso.sql("UPDATE sso_code SET expires_at = now()")

    with pytest.raises(Unauthenticated):
        await journey.exchange(told["code"])


@pytest.mark.parametrize("code", ["", "x", "\0", "é" * 60])
async def test_a_forged_code_is_refused(journey: Journey, code: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await journey.exchange(code)

    assert refused.value.reason == "SSO_CODE_REFUSED"


async def test_an_app_can_bind_the_code_to_itself(journey: Journey) -> None:
    verifier = secrets.token_urlsafe(40)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    told = await journey.through(begin={"code_challenge": challenge}, **person())

    for wrong in ({}, {"code_verifier": secrets.token_urlsafe(40)}, {"code_verifier": challenge}):
        with pytest.raises(Unauthenticated):
            await journey.exchange(told["code"], VISITOR, **wrong)

    assert await journey.exchange(told["code"], code_verifier=verifier)


async def test_a_person_suspended_between_sign_in_and_exchange_stays_out(journey: Journey, sso: House) -> None:
    who = person()
    told = await journey.through(**who)
    await sso.sql("UPDATE user_account SET is_active = false WHERE username = :name", name=who["preferred_username"])

    with pytest.raises(Refusal) as refused:
        await journey.exchange(told["code"])

    assert refused.value.reason == "SSO_ACCOUNT_INACTIVE"
    assert "SSO_ACCOUNT_INACTIVE" in await refusals(sso)
