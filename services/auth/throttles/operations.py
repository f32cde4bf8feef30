"""Counting guesses, so that nobody makes many and nobody is locked out by another's.

An attempt counts against the account at its place, against the account from all places that it does not know, and
against the network. From a place where the account signed in before, only that place's own failures count: whoever
hammers on the account from elsewhere does not keep its owner out. A name that nobody has is counted like one that
somebody has.
"""

from dataclasses import dataclass
from hashlib import sha256

from orrery.auth.accounts.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Database, Session, Tenant
from services.auth.sessions.client import Client
from services.auth.throttles import places
from services.auth.throttles.errors import TooManyAttempts
from services.auth.throttles.limits import Scope
from services.auth.throttles.repository import Count, Counted, Throttles, is_known

NETWORKS = sha256(b"network").digest()


@dataclass(frozen=True, slots=True)
class Ticket:
    """An attempt that may be made, and counts as a failure until it is settled."""

    counts: tuple[Count, ...]

    async def settle(self, session: Session) -> None:
        """The attempt was right. Lock the account before: all who lock both do so in this order."""
        await Throttles(session).settle(self.counts, cleared=self.counts[0].place)

    async def give_back(self, session: Session) -> None:
        """The attempt was not made."""
        await Throttles(session).settle(self.counts)


def subject_of(user_id: int, name: str) -> bytes:
    """What guesses at an account (0 for none) under this name count against."""
    return sha256(f"account {user_id}".encode() if user_id else f"name {name}".encode()).digest()


async def admit(database: Database, whose: Tenant, name: str, client: Client) -> Ticket:
    """Count an attempt at an account (of nobody, user_id 0) under a name.

    Raises TooManyAttempts, and counts nothing then.
    """
    counts = await counts_of(database, whose.user_id, name, client)
    async with database.transaction(SYSTEM) as session:
        counted = await Throttles(session).count(counts, is_flushed=False)
        if len(counted) < len(counts):
            raise TooManyAttempts(await Throttles(session).wait_seconds(counts))
        tell(session, whose, counted)
    return Ticket(counts)


async def counts_of(database: Database, user_id: int, name: str, client: Client) -> tuple[Count, ...]:
    """What an attempt counts against, the account at its place first."""
    subject, place = subject_of(user_id, name), places.place(client.address)
    if place and await is_known(database, user_id, place):
        return (Count(Scope.KNOWN, subject, str(place)),)
    network = str(places.network(client.address) or "")
    return Count(Scope.PLACE, subject, network), Count(Scope.ACCOUNT, subject), Count(Scope.NETWORK, NETWORKS, network)


def tell(session: Session, whose: Tenant, counted: list[Counted]) -> None:
    """Publish that the next attempt must wait, where it must."""
    for one in counted:
        if one.wait_seconds:
            throttled = events.SignInThrottled(
                user_id=whose.user_id, scope=one.scope, failures=one.failures, wait_seconds=one.wait_seconds
            )
            outbox.publish(session, throttled, key=str(whose.user_id), by=whose)
