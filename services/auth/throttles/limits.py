"""How many failures are free, and how long the next attempts wait."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What is counted; the first letter of a throttle's place."""

    KNOWN = "known"  # an account, from a place where it signed in before
    PLACE = "place"  # an account, from a network that it does not know
    ACCOUNT = "account"  # an account, from all places that it does not know
    NETWORK = "network"  # a network, over all accounts
    MAIL = "mail"  # mails to an account that anybody can ask for


@dataclass(frozen=True, slots=True)
class Limit:
    """The wait after failure number `free` is a second, and doubles with each more up to `slowest_seconds`.

    An attempt counts as a failure until it turns out right, so `free` is also how many may be under way at once.
    """

    free: int
    slowest_seconds: int
    forget_seconds: int  # after so long without an attempt, counting begins anew


# Over a day an attacker has fewer than 100 guesses at an account from all over the world (NIST SP 800-63B-4).
LIMITS = {
    Scope.KNOWN: Limit(free=20, slowest_seconds=900, forget_seconds=86_400),
    Scope.PLACE: Limit(free=10, slowest_seconds=900, forget_seconds=86_400),
    Scope.ACCOUNT: Limit(free=20, slowest_seconds=1_800, forget_seconds=86_400),
    Scope.NETWORK: Limit(free=60, slowest_seconds=30, forget_seconds=3_600),
    Scope.MAIL: Limit(free=5, slowest_seconds=3_600, forget_seconds=86_400),
}
