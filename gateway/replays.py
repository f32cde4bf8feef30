"""Where idempotency keys are held: Redis, shared by all gateways."""

import asyncio
from contextlib import suppress
from typing import Self

from gateway.idempotency import IdempotencyAway
from gateway.redis import AWAY, connect
from libs.settings import RedisSettings

PATIENCE_SECONDS = 0.5


class Replays:
    """Enter it once per process."""

    def __init__(self, settings: RedisSettings) -> None:
        self._redis = connect(settings, PATIENCE_SECONDS)

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
