"""Limiters on a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import SecretStr

from gateway.limits import Limiter, LimitSettings, Store
from libs.settings import RedisSettings
from tools.stack import parts

Start = Callable[[str, LimitSettings], Awaitable[Limiter]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a gateway's limiter on the Redis of a URL."""
    running: list[asyncio.Task[None]] = []
    stores: list[Store] = []

    async def make(url: str, settings: LimitSettings) -> Limiter:
        store = await Store(RedisSettings(url=SecretStr(url))).__aenter__()
        limiter = Limiter(store, settings)
        stores.append(store)
        running.append(asyncio.create_task(limiter.run()))
        return limiter

    yield make
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for store in stores:
        await store.__aexit__()


@pytest.fixture
def redis_url(redis_server: parts.Redis) -> str:
    return redis_server.url
