"""What ended or changed before the credentials that name it: sessions, accounts, memberships, organizations, keys."""

import time
from dataclasses import dataclass

from orrery.identity.v1.identity_pb2 import Credential, Identity
from prometheus_client import Counter

KEEP_SECONDS = 31 * 60  # an access token lives 30 minutes, and a clock may be off by one
MOST = 200_000
KINDS: dict[int, str] = {Credential.CREDENTIAL_API_TOKEN: "api_token", Credential.CREDENTIAL_API_KEY: "api_key"}
REVOKED = Counter("orrery_revocations_total", "Invalidations heard of.")
DROPPED = Counter("orrery_revocations_dropped_total", "Invalidations forgotten early because there were too many.")


@dataclass(frozen=True, slots=True)
class Ending:
    """That something ended: by the clock of whoever said so, by ours when we heard of it, and until when we know."""

    told_ms: int
    heard: float  # monotonic seconds
    until: float  # Unix seconds


def names_of(identity: Identity) -> tuple[str, ...]:
    """What an identity stands on: its account, membership and organization, and its API token or key."""
    own = KINDS.get(identity.credential)
    return (
        f"account:{identity.subject}",
        f"membership:{identity.organization_id}:{identity.user_id}",
        f"organization:{identity.organization_id}",
        *((f"{own}:{identity.credential_id}",) if own else ()),
    )


class Ended:
    """A bounded memory of endings, by name: "<kind>:<id>"."""

    def __init__(self) -> None:
        self._endings: dict[str, Ending] = {}
        self.count = 0  # of all ever heard: who has seen the same count has nothing new to check

    def add(self, name: str, told_ms: int) -> None:
        """Hear that something ended; `told_ms` in Unix milliseconds."""
        until = told_ms / 1000 + KEEP_SECONDS
        if until < time.time():
            return
        REVOKED.inc()
        self.count += 1
        self._endings.pop(name, None)
        self._endings[name] = Ending(told_ms, time.monotonic(), until)
        if len(self._endings) > MOST:
            self._endings.pop(next(iter(self._endings)))
            DROPPED.inc()

    def is_over(self, name: str) -> bool:
        """Whether it ended, for good."""
        return name in self._endings

    def outdates(self, names: tuple[str, ...], as_of_ms: int) -> bool:
        """Whether one of them ended after what a token says was read (Unix milliseconds, of the issuer's clock)."""
        endings = self._endings
        return any((found := endings.get(name)) is not None and found.told_ms >= as_of_ms for name in names)

    def heard_since(self, names: tuple[str, ...], asked: float) -> bool:
        """Whether one of them was heard to end since auth was asked (monotonic seconds)."""
        endings = self._endings
        return any((found := endings.get(name)) is not None and found.heard >= asked for name in names)

    def forget(self) -> None:
        """Drop the endings that no token can be older than."""
        now = time.time()
        while self._endings and (oldest := next(iter(self._endings))) and self._endings[oldest].until < now:
            del self._endings[oldest]
