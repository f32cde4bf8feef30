"""Who may ask how often, by a real Redis."""

import asyncio

import pytest

from gateway.limits import Allowance, LimitSettings, RateLimited
from gateway.limits.limiter import SHARE, network
from gateway.limits.rates import Rate, parse
from tests.gateway.limits.callers import anonymous, granted, outcome, someone
from tests.gateway.limits.conftest import Start

# A day's rate refills nothing while a test runs.
SLOW = LimitSettings(
    auth="10/day", chat="60/day", upload="10/day", default="600/day", address="400/day", organization="6000/day"
)


@pytest.mark.parametrize(("name", "limit"), [("auth", 10), ("chat", 60), ("upload", 10)])
async def test_a_rare_class_is_exact_over_all_gateways(start: Start, redis_url: str, name: str, limit: int) -> None:
    gateways = [await start(redis_url, SLOW) for _ in range(3)]
    caller = anonymous() if name == "auth" else someone()

    counts = await asyncio.gather(*(granted(gateway, name, caller, limit) for gateway in gateways))

    assert sum(counts) == limit


async def test_one_gateway_grants_a_frequent_class_exactly(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)

    count = await granted(gateway, "default", someone(), 700)

    assert count == 600


@pytest.mark.parametrize("callers", [1, 20])
async def test_gateways_together_grant_at_most_a_twentieth_each_too_much(
    start: Start, redis_url: str, callers: int
) -> None:
    gateways = [await start(redis_url, SLOW) for _ in range(3)]
    caller = someone()

    calls = [granted(gateway, "default", caller, 700 // callers) for gateway in gateways for _ in range(callers)]
    count = sum(await asyncio.gather(*calls))

    assert 600 <= count <= 600 + 3 * (600 // SHARE)


async def test_what_was_granted_too_much_is_paid_back(start: Start, redis_url: str) -> None:
    gateways = [await start(redis_url, SLOW) for _ in range(3)]
    caller = someone()
    counts = await asyncio.gather(*(granted(gateway, "default", caller, 700) for gateway in gateways))
    too_many = sum(counts) - 600

    await asyncio.sleep(0.6)  # all have settled

    late = await start(redis_url, SLOW)
    await outcome(late, "default", caller)
    await asyncio.sleep(0.6)
    key = f"limits:default:user:{caller.user_id}"
    level = late._buckets[key].level(late._buckets[key].at)
    assert level == pytest.approx(-too_many - 1, abs=0.1)


async def test_the_last_token_and_then_the_refusal_are_told(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)
    caller = anonymous()

    told = [await outcome(gateway, "auth", caller) for _ in range(11)]

    assert [one.remaining for one in told] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert {one.limit for one in told} == {10}
    per_token = 86400 // 10
    assert [round(one.reset / per_token) for one in told] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]


async def test_the_refusal_says_when_to_come_back(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW.model_copy(update={"auth": Rate(1, 60)}))
    caller = anonymous()
    await gateway.take("auth", caller)

    with pytest.raises(RateLimited) as refused:
        await gateway.take("auth", caller)

    assert refused.value.reason == "RATE_LIMITED"
    assert refused.value.details == {"retry_after_seconds": "60"}
    assert refused.value.allowance == Allowance(limit=1, remaining=0, reset=60)


async def test_tokens_come_back_with_time(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW.model_copy(update={"auth": Rate(20, 1)}))
    caller = anonymous()
    assert await granted(gateway, "auth", caller, 20) >= 20
    await granted(gateway, "auth", caller, 5)

    await asyncio.sleep(0.5)

    assert await granted(gateway, "auth", caller, 5) == 5


async def test_callers_and_classes_do_not_share(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)
    caller = someone()
    assert await granted(gateway, "upload", caller, 11) == 10

    counts = [await granted(gateway, "chat", caller, 1), await granted(gateway, "upload", someone(), 1)]

    assert counts == [1, 1]


async def test_signing_in_is_counted_by_address_whoever_does_it(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)
    nobody, member = anonymous(), someone()
    member.address = nobody.address

    assert await granted(gateway, "auth", nobody, 10) == 10

    assert await granted(gateway, "auth", member, 1) == 0


async def test_a_household_of_ipv6_addresses_is_one_caller(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)

    counts = [await granted(gateway, "auth", anonymous(f"2001:db8:1:2::{number}"), 1) for number in range(1, 13)]

    assert sum(counts) == 10
    assert network("2001:db8:1:2:3::9") == "2001:db8:1:2::/64"


async def test_an_organization_has_a_limit_over_all_its_members(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW.model_copy(update={"organization": Rate(400, 86400)}))
    organization = someone().organization_id

    counts = [await granted(gateway, "default", someone(organization), 150) for _ in range(4)]

    assert counts == [150, 150, 100, 0]


async def test_a_script_that_redis_forgot_is_loaded_again(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW)
    await gateway.take("auth", anonymous())
    await gateway._store._redis.script_flush()

    count = await granted(gateway, "auth", anonymous(), 11)

    assert count == 10
    assert not gateway._store.is_away


async def test_buckets_that_are_full_again_are_forgotten(start: Start, redis_url: str) -> None:
    gateway = await start(redis_url, SLOW.model_copy(update={"default": Rate(600, 1), "organization": Rate(6000, 1)}))
    await gateway.take("default", someone())
    assert gateway._buckets

    async with asyncio.timeout(10):
        while gateway._buckets:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "text", ["10", "10/", "/min", "0/min", "-1/min", "10/minute", "1.5/min", "10 / min", "ten/min"]
)
def test_a_rate_that_is_none_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="10/min"):
        parse(text)


def test_rates_are_spelled_with_a_unit() -> None:
    assert [parse(text) for text in ("5/s", "600/min", "7/h", "9/day")] == [
        Rate(5, 1),
        Rate(600, 60),
        Rate(7, 3600),
        Rate(9, 86400),
    ]
