"""What can be done with signing keys.

A key is published before it signs, so that no gateway meets a token whose key it does not know, and stays published
until the last token that it signed has expired.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from libs.database import Session
from services.auth.keys.errors import KeyNotFound, KeyWaiting
from services.auth.keys.material import Material
from services.auth.keys.models import SigningKey
from services.auth.keys.repository import SigningKeys

TOKEN_LIFETIME = timedelta(minutes=30)
SIGNS_FOR = timedelta(days=30)
PUBLISHED_AHEAD = timedelta(minutes=10)  # twice as long as a gateway or a client keeps the key set
CLOCKS_DIFFER = timedelta(minutes=1)  # what another replica made just now may begin in our future
BELIEVED_FOR = TOKEN_LIFETIME + timedelta(minutes=5)  # after it retired: replicas notice that some seconds later


def next_activation(live: Sequence[SigningKey], now: datetime) -> datetime | None:
    """When the next key should begin to sign, if it should be made now. `live` has the newest first."""
    if not any(key.activates_at <= now + CLOCKS_DIFFER for key in live):
        return now
    is_old = live[0].activates_at + SIGNS_FOR <= now + PUBLISHED_AHEAD
    return now + PUBLISHED_AHEAD if is_old else None


async def add_if_due(session: Session, made: Material, now: datetime) -> bool:
    """Add the key if one is due and no other process has added it."""
    keys = SigningKeys(session)
    await keys.lock()
    activates_at = next_activation(await keys.live(), now)
    if activates_at is None:
        return False
    await keys.add(row(made, activates_at))
    await keys.arrange()
    return True


async def rotate(session: Session, made: Material, now: datetime) -> datetime:
    """Add a key although none is due; answers when it will sign. Raises KeyWaiting while another one waits."""
    keys = SigningKeys(session)
    await keys.lock()
    live = await keys.live()
    if live and live[0].activates_at > now:
        raise KeyWaiting(live[0].kid)
    activates_at = now + PUBLISHED_AHEAD if live else now
    await keys.add(row(made, activates_at))
    await keys.arrange()
    return activates_at


async def withdraw(session: Session, kid: str, made: Material, now: datetime) -> None:
    """Believe no token of a key any more; `made` signs at once where no other key does. Raises KeyNotFound."""
    keys = SigningKeys(session)
    await keys.lock()
    if not await keys.withdraw(kid, now):
        raise KeyNotFound(kid)
    if next_activation(await keys.live(), now) == now:
        await keys.add(row(made, now))
    await keys.arrange()


def row(made: Material, activates_at: datetime) -> SigningKey:
    return SigningKey(
        kid=made.kid,
        private_key=made.sealed,
        sealed_by=made.sealed_by,
        public_jwk=made.jwk,
        activates_at=activates_at,
    )
