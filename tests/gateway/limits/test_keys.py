"""The rates that an API key has of its own."""

import asyncio
import itertools

import pytest
from orrery.auth.v1.api_keys_pb2 import ApiRateLimit
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.identity.terms import rates_of
from gateway.limits import Allowance, Limiter, LimitSettings, RateLimited
from gateway.limits.rates import Rate
from tests.gateway.limits.callers import someone
from tests.gateway.limits.conftest import Start

SLOW = LimitSettings(upload="10/day", default="600/day", organization="6000/day")
IDS = itertools.count(1)


def key(organization: str = "") -> Identity:
    """A key of somebody whom no other test has."""
    made = someone(organization)
    made.credential, made.credential_id = Credential.CREDENTIAL_API_KEY, f"key-{next(IDS)}"
    return made


async def granted(limiter: Limiter, name: str, caller: Identity, rates: tuple[Rate, ...], times: int) -> int:
    count = 0
    for _ in range(times):
        try:
            await limiter.take(name, caller, rates)
        except RateLimited:
            continue
        count += 1
    return count


def test_each_rate_is_a_bucket_and_a_burst_the_size_of_the_first() -> None:
    limits = ApiRateLimit(
        requests_per_second=5, requests_per_minute=100, requests_per_hour=1000, requests_per_day=9000, burst_limit=40
    )

    assert rates_of(limits) == (Rate(40, 8), Rate(100, 60), Rate(1000, 3600), Rate(9000, 86400))
    assert rates_of(limits)[0].per_second == 5
    assert rates_of(ApiRateLimit(requests_per_second=5)) == (Rate(5, 1),)
    assert rates_of(ApiRateLimit(requests_per_day=7)) == (Rate(7, 86400),)
    assert rates_of(ApiRateLimit()) == ()


async def test_a_small_rate_is_exact_over_all_gateways(start: Start, redis_url: str) -> None:
    gateways = [await start(redis_url, SLOW) for _ in range(3)]
    caller, rates = key(), (Rate(7, 86400), Rate(1000, 86400))

    counts = await asyncio.gather(*(granted(one, "default", caller, rates, 10) for one in gateways))

    assert sum(counts) == 7


async def test_a_key_may_have_more_than_people_have(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)

    assert await granted(gateway, "default", key(), (Rate(800, 86400),), 900) == 800
    assert await granted(gateway, "default", key(), (), 700) == 600


async def test_but_not_more_than_its_organization(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, LimitSettings(organization="20/day"))

    assert await granted(gateway, "default", key("small"), (Rate(50, 86400),), 50) == 20


async def test_nor_more_uploads(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)

    assert await granted(gateway, "upload", key(), (Rate(50, 86400),), 50) == 10


async def test_keys_and_their_makers_are_counted_apart(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)
    one, other = key("shared"), key("shared")
    other.user_id = one.user_id
    maker = Identity(user_id=one.user_id, organization_id="shared", credential=Credential.CREDENTIAL_SESSION)
    rates = (Rate(3, 86400),)

    assert [await granted(gateway, "default", who, rates, 5) for who in (one, other)] == [3, 3]
    assert await granted(gateway, "upload", maker, (), 12) == 10


async def test_a_changed_rate_holds_at_once(start: Start, redis_url: str) -> None:
    gateway, caller = await start(redis_url, SLOW), key()
    assert await granted(gateway, "default", caller, (Rate(3, 86400),), 5) == 3

    assert await granted(gateway, "default", caller, (Rate(5, 86400),), 9) == 5


async def test_answers_tell_the_tightest_of_the_buckets(start: Start, redis_url: str) -> None:
    gateway, caller = await start(redis_url, SLOW), key()
    rates = (Rate(4, 2), Rate(50, 86400))

    told = await gateway.take("default", caller, rates)
    with pytest.raises(RateLimited) as limited:
        await granted_until_refused(gateway, caller, rates)

    assert told == Allowance(4, 3, 1)
    assert limited.value.allowance.limit == 4
    assert limited.value.details["retry_after_seconds"] == "1"


async def granted_until_refused(limiter: Limiter, caller: Identity, rates: tuple[Rate, ...]) -> None:
    for _ in range(10):
        await limiter.take("default", caller, rates)
