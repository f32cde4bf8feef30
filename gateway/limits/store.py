"""The buckets in Redis, one Lua script for all of them; Redis may come and go."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from prometheus_client import Gauge

from gateway.limits.buckets import Bucket
from gateway.redis import AWAY, connect, refusal
from libs.settings import RedisSettings
from libs.telemetry import No, get_logger

log = get_logger(__name__)
SCRIPT = Path(__file__).with_name("take.lua").read_text()
PATIENCE_SECONDS = 0.08
SHARED = Gauge("orrery_limits_shared", "1 while rate limits are counted in Redis, 0 while each gateway counts alone.")


class StoreAway(ConnectionError):
    """Redis did not answer in time; it is not asked again until `look` finds it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether all buckets had enough, and the tokens of each after it."""

    granted: bool
    tokens: list[float]


class Store:
    """Takes from buckets, or settles what was taken already. Enter it once per process."""

    def __init__(self, settings: RedisSettings) -> None:
        self._redis = connect(settings, PATIENCE_SECONDS)
        self._script = self._redis.register_script(SCRIPT)
        self.is_away = False
        self._is_in, self._told = False, ""

    async def __aenter__(self) -> Self:
        SHARED.set(1)
        return self

    async def __aexit__(self, *raised: object) -> None:
        with suppress(*AWAY):
            await self._redis.connection_pool.disconnect()

    async def ask(self, buckets: Sequence[Bucket], now: float) -> Answer:
        """Take one token from each, or from none; raises StoreAway within 0.1 s."""
        return await self._run("ask", [(one, 1) for one in buckets], now)

    async def settle(self, buckets: Sequence[Bucket], now: float) -> Answer:
        """Take what the buckets owe; raises StoreAway within 0.1 s."""
        return await self._run("settle", [(one, one.send()) for one in buckets], now)

    async def answers(self) -> bool:
        """Whether Redis answers now."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return bool(await self._redis.ping())
        except AWAY:
            return False

    async def lets_in(self) -> bool | No:
        """No while Redis refuses this gateway, until it let it in once; one that is away refuses nobody.

        Each reason is logged once.
        """
        if self._is_in:
            return True
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self._is_in = bool(await self._redis.ping())
        except AWAY as failure:
            if reason := refusal(failure):
                return No(self._told_of(reason))
        return True

    def _told_of(self, reason: str) -> str:
        if reason != self._told:
            log.error("redis_refused", reason=reason)
            self._told = reason
        return reason

    async def look(self) -> None:
        """Ask whether Redis is back."""
        if await self.answers():
            self.is_away = False
            SHARED.set(1)
            log.info("limits_shared_again")

    async def _run(self, verb: str, costs: list[tuple[Bucket, int]], now: float) -> Answer:
        arguments: list[str | float] = [verb]
        for bucket, cost in costs:
            ceiling = bucket.gross(now) if bucket.estranged else bucket.rate.limit
            arguments += [bucket.rate.limit, bucket.rate.per_second, cost, ceiling]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                granted, *tokens = await self._script([bucket.key for bucket, _ in costs], arguments)
        except AWAY as failure:
            self._lose(failure)
            raise StoreAway from failure
        return Answer(granted == 1, [float(one) for one in tokens])

    def _lose(self, failure: Exception) -> None:
        if not self.is_away:
            log.warning("limits_counted_alone", reason=repr(failure))
        self.is_away = True
        SHARED.set(0)
