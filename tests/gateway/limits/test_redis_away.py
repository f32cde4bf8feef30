"""Redis dies, hangs and comes back; no request fails for it."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from gateway.limits import Limiter
from tests.gateway.limits.callers import anonymous, granted, someone
from tests.gateway.limits.conftest import Start
from tests.gateway.limits.test_limits import SLOW
from tools.stack import parts


@pytest.fixture
def redis() -> Iterator[parts.Redis]:
    with parts.Redis.ephemeral() as server:
        yield server


async def until(limiter: Limiter, *, away: bool) -> None:
    async with asyncio.timeout(20):
        while limiter._store.is_away is not away:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.02)


def pid_of(redis: parts.Redis) -> int:
    assert redis.process.pid
    return redis.process.pid


async def test_a_killed_redis_costs_no_request_and_limits_go_on(start: Start, redis: parts.Redis) -> None:
    gateway = await start(redis.url, SLOW)
    caller, member = anonymous(), someone()
    assert await granted(gateway, "auth", caller, 4) == 4
    assert await granted(gateway, "default", member, 100) == 100

    os.kill(pid_of(redis), signal.SIGKILL)
    counts = [await granted(gateway, "auth", caller, 10), await granted(gateway, "default", member, 600)]

    assert not redis.is_healthy()
    assert gateway._store.is_away
    assert counts == [6, 500]


async def test_a_redis_that_hangs_is_given_up_for_the_local_buckets(start: Start, redis: parts.Redis) -> None:
    gateway = await start(redis.url, SLOW)
    caller = anonymous()
    await gateway.take("auth", caller)
    os.kill(pid_of(redis), signal.SIGSTOP)

    count = await granted(gateway, "auth", caller, 20)

    assert gateway._store.is_away
    assert count == 9
    os.kill(pid_of(redis), signal.SIGCONT)
    await until(gateway, away=False)


async def test_when_redis_is_back_it_learns_how_little_is_left(start: Start, redis: parts.Redis) -> None:
    gateway, another = await start(redis.url, SLOW), await start(redis.url, SLOW)
    caller, member = anonymous(), someone()
    await gateway.take("auth", caller)
    await gateway.take("default", member)
    os.kill(pid_of(redis), signal.SIGKILL)
    assert await granted(gateway, "auth", caller, 6) == 6
    assert await granted(gateway, "default", member, 499) == 499

    await asyncio.to_thread(redis.start)
    await until(gateway, away=False)
    await asyncio.sleep(0.6)  # it has settled
    counts = [await granted(another, "auth", caller, 10), await granted(another, "default", member, 200)]

    assert counts == [3, 100]


async def test_a_gateway_starts_without_redis(start: Start) -> None:
    gateway = await start("redis://127.0.0.1:1/0", SLOW)

    counts = [await granted(gateway, "auth", anonymous(), 12), await granted(gateway, "default", someone(), 601)]

    assert counts == [10, 600]
    assert await gateway._store.answers() is False
