"""Rate limits: token buckets per address, user, API key and organization, shared by all gateways through Redis.

A rare class (login, upload, chat) asks Redis for every request and is exact. A frequent one is decided on a mirror in
memory that is settled with Redis four times a second, and before it owes more than a twentieth of the bucket: n
gateway processes together grant in a burst at most n / 20 of a bucket more than it holds, and that is paid back, for
a bucket may fall below zero. Refusals never ask Redis: others can only have left less than the mirror knows.
While Redis is away each process counts alone; afterwards each bucket goes on at the lowest of its levels.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from itertools import islice

from orrery.identity.v1.identity_pb2 import Credential, Identity
from prometheus_client import Counter

from gateway.limits.buckets import Bucket
from gateway.limits.rates import Rate
from gateway.limits.settings import AUTH, DEFAULT, LimitSettings
from gateway.limits.store import Store, StoreAway
from libs.errors import Exhausted

SETTLE_SECONDS = 0.25
FREQUENT = 300  # tokens; a smaller bucket is asked for in Redis each time
SHARE = 20  # a mirror may owe one twentieth
API_KEY = Credential.CREDENTIAL_API_KEY
AT_ONCE = 500  # buckets in one call
MOST = 100_000
LIMITED = Counter("orrery_limited_total", "Requests refused by a rate limit.", ["rate"])


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the tightest bucket leaves: tokens, and whole seconds until it is full."""

    limit: int
    remaining: int
    reset: int


class RateLimited(Exhausted):
    def __init__(self, allowance: Allowance, wait: float) -> None:
        super().__init__("Too many requests; slow down.", retry_after_seconds=max(1, math.ceil(wait)))
        self.allowance = allowance


class Limiter:
    """Grants requests."""

    def __init__(self, store: Store, settings: LimitSettings) -> None:
        self._store, self._settings = store, settings
        self._buckets: dict[str, Bucket] = {}
        self._owing: dict[str, Bucket] = {}
        self._wake = asyncio.Event()
        self._settling = asyncio.Lock()

    async def take(self, name: str, identity: Identity, rates: Sequence[Rate] = ()) -> Allowance:
        """Count one request of a rate class; raises RateLimited.

        `rates` are an API key's own, the smallest bucket first: they stand in for the rate that all else has.
        """
        now = time.monotonic()
        buckets = self._of(name, identity, rates, now)
        ensure(name, buckets, now)
        if self._store.is_away:
            return self._alone(buckets, now)
        try:
            if buckets[0].rate.limit < FREQUENT:  # the class decides; an organization is always mirrored
                return await self._exactly(name, buckets)
            return await self._mirrored(name, buckets, now)
        except StoreAway:
            return self._alone(buckets, time.monotonic())

    async def run(self) -> None:
        """Settle with Redis, and look for it while it is away; runs until cancelled."""
        while True:
            try:
                async with asyncio.timeout(SETTLE_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                self._sweep(time.monotonic())
            self._wake.clear()
            if self._store.is_away:
                await asyncio.sleep(SETTLE_SECONDS)
                await self._store.look()
            else:
                with suppress(StoreAway):
                    await self._settle()

    async def _exactly(self, name: str, buckets: list[Bucket]) -> Allowance:
        answer = await self._store.ask(buckets, time.monotonic())
        now = time.monotonic()
        for bucket, tokens in zip(buckets, answer.tokens, strict=True):
            bucket.learn(tokens, now)
        if not answer.granted:
            raise refusal(name, buckets, now)
        return left(buckets, now)

    async def _mirrored(self, name: str, buckets: list[Bucket], now: float) -> Allowance:
        while any((one.owed + one.sent) * SHARE >= one.rate.limit for one in buckets):
            await self._settle()
            now = time.monotonic()
            ensure(name, buckets, now)
        for bucket in buckets:
            bucket.owed += 1
            self._owing[bucket.key] = bucket
            if bucket.owed * SHARE * 2 >= bucket.rate.limit:
                self._wake.set()
        return left(buckets, now)

    def _alone(self, buckets: list[Bucket], now: float) -> Allowance:
        for bucket in buckets:
            bucket.part(now)
            bucket.tokens -= 1
            self._owing[bucket.key] = bucket
        return left(buckets, now)

    async def _settle(self) -> None:
        """Tell Redis of all that is owed; raises StoreAway."""
        async with self._settling:
            while self._owing:
                if self._store.is_away:
                    raise StoreAway  # found out by whoever had the lock before: no need to wait for it again
                batch = list(islice(self._owing.values(), AT_ONCE))
                for bucket in batch:
                    del self._owing[bucket.key]
                await self._settle_batch(batch)

    async def _settle_batch(self, batch: list[Bucket]) -> None:
        try:
            answer = await self._store.settle(batch, time.monotonic())
        except StoreAway:
            for bucket in batch:
                bucket.part(time.monotonic())
                self._owing[bucket.key] = bucket
            raise
        now = time.monotonic()
        for bucket, tokens in zip(batch, answer.tokens, strict=True):
            bucket.settled(tokens, now)

    def _of(self, name: str, identity: Identity, own: Sequence[Rate], now: float) -> list[Bucket]:
        """The buckets that a request of this class takes from; the first one decides how exactly it is counted."""
        settings = self._settings
        rate: Rate = getattr(settings, name)
        if not identity.user_id or name == AUTH:
            rate = settings.address if name == DEFAULT else rate
            return [self._bucket(f"limits:{name}:address:{network(identity.address)}", rate, now)]
        organization = self._bucket(f"limits:organization:{identity.organization_id}", settings.organization, now)
        if identity.credential != API_KEY:
            return [self._bucket(f"limits:{name}:user:{identity.user_id}", rate, now), organization]
        return [*self._of_key(name, identity.credential_id, own, now), organization]

    def _of_key(self, name: str, key_id: str, own: Sequence[Rate], now: float) -> list[Bucket]:
        """A key's own rates are part of its buckets' names: a changed rate begins anew."""
        buckets = [self._bucket(f"limits:key:{key_id}:{rate.limit}/{rate.seconds:g}", rate, now) for rate in own]
        if not own or name != DEFAULT:
            buckets.append(self._bucket(f"limits:{name}:key:{key_id}", getattr(self._settings, name), now))
        return sorted(buckets, key=lambda one: one.rate.limit)

    def _bucket(self, key: str, rate: Rate, now: float) -> Bucket:
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= MOST:
                del self._buckets[next(iter(self._buckets))]
            found = self._buckets[key] = Bucket(key, rate, now)
        return found

    def _sweep(self, now: float) -> None:
        """Forget buckets that are full again, some at a time: a pass over all would stop the loop for 20 ms."""
        for key in list(islice(self._buckets, AT_ONCE)):
            bucket = self._buckets.pop(key)
            if not bucket.is_idle(now):
                self._buckets[key] = bucket


def ensure(name: str, buckets: list[Bucket], now: float) -> None:
    """Raise RateLimited where a bucket is known to be empty."""
    for one in buckets:
        if one.level(now) < 1:
            raise refusal(name, buckets, now)


def refusal(name: str, buckets: list[Bucket], now: float) -> RateLimited:
    LIMITED.labels(name).inc()
    return RateLimited(left(buckets, now), max(one.wait(now) for one in buckets))


def left(buckets: list[Bucket], now: float) -> Allowance:
    """What the tightest of the buckets leaves."""
    tightest, level = buckets[0], buckets[0].level(now)
    for other in buckets[1:]:
        if (its := other.level(now)) < level:
            tightest, level = other, its
    rate = tightest.rate
    return Allowance(rate.limit, max(0, math.floor(level)), math.ceil((rate.limit - level) / rate.per_second))


@lru_cache(8192)
def network(address: str) -> str:
    """What counts as one caller: an IPv4 address, or an IPv6 /64, which one household has."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
