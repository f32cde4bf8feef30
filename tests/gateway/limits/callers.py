"""Callers that no other test has, and what becomes of their requests."""

import itertools

from orrery.identity.v1.identity_pb2 import Identity

from gateway.limits import Allowance, Limiter, RateLimited

NUMBERS = itertools.count(1)


def someone(organization: str = "") -> Identity:
    number = next(NUMBERS)
    return Identity(user_id=number, organization_id=organization or f"org-{number}", address="203.0.113.9")


def anonymous(address: str = "") -> Identity:
    return Identity(address=address or f"198.51.{next(NUMBERS) % 250}.{next(NUMBERS) % 250}")


async def granted(limiter: Limiter, name: str, caller: Identity, times: int) -> int:
    """How many of so many requests are let through."""
    count = 0
    for _ in range(times):
        try:
            await limiter.take(name, caller)
        except RateLimited:
            continue
        count += 1
    return count


async def outcome(limiter: Limiter, name: str, caller: Identity) -> Allowance:
    """What the next request is told, granted or not."""
    try:
        return await limiter.take(name, caller)
    except RateLimited as limited:
        return limited.allowance
