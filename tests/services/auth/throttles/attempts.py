"""Guesses at passwords, and the waits that follow."""

from collections import Counter

from libs.errors import Refusal
from services.auth.throttles.limits import LIMITS, Scope
from tests.services.auth.house import House, Visitor

WRONG = "Wrong-horse7"
ATTACKER = Visitor("203.0.113.66")


def address(number: int) -> str:
    """One of many networks."""
    return f"10.{number // 250}.{number % 250}.9"


async def guess(house: House, username: str, visitor: Visitor = ATTACKER, password: str = WRONG) -> str:
    """What became of an attempt: the refusal's reason, or nothing."""
    try:
        await house.login(visitor, password, username=username)
    except Refusal as refusal:
        return refusal.reason
    return ""


async def hammer(house: House, username: str, times: int, visitor: Visitor = ATTACKER) -> Counter[str]:
    return Counter([await guess(house, username, visitor) for _ in range(times)])


def is_about(met: Counter[str], scope: Scope) -> bool:
    """Whether the free attempts were made, and at most the few whose waits ended while this test ran."""
    free = LIMITS[scope].free
    return free <= met["INVALID_CREDENTIALS"] <= free + 6 and met["TOO_MANY_ATTEMPTS"] > 0


async def wait_over(house: House) -> None:
    """All waits are over, and nothing is forgotten."""
    await house.sql("UPDATE sign_in_throttle SET open_at = now()")


async def wait_on(house: House) -> None:
    """All waits last for as long as any test."""
    await house.sql("UPDATE sign_in_throttle SET open_at = now() + interval '1 hour' WHERE open_at > last_at")
