"""Where idempotency keys are held: Redis, shared by all gateways."""

import asyncio
from contextlib import suppress
from typing import Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from gateway.idempotency import IdempotencyAway
from gateway.limits.store import AWAY

PATIENCE_SECONDS = 0.5
CONNECTIONS = 16


class Replays:
    """Enter it once per process."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            socket_timeout=None,  # asyncio.timeout stands in, see limits/store.py
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis(connection_pool=pool)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        with suppress(*AWAY):
            await self._redis.connection_pool.disconnect()

    async def claim(self, name: str, value: bytes, seconds: int) -> bytes | None:
        """Keep the value under the name for so long; where there is one already, that one. Raises IdempotencyAway."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._redis.set(name, value, nx=True, get=True, ex=seconds)
        except AWAY as failure:
            raise IdempotencyAway from failure
        return found if isinstance(found, bytes) else None

    async def keep(self, name: str, value: bytes, seconds: int) -> None:
        """Replace what is kept. Where Redis just went away nothing is: the answer still reaches its caller."""
        with suppress(*AWAY):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.set(name, value, ex=seconds)

    async def drop(self, name: str) -> None:
        """Let the key be used again; by itself where Redis is away."""
        with suppress(*AWAY):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.delete(name)
