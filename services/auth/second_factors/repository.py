"""Every SELECT of second factors, and the conditional UPDATEs that decide their races.

A try is taken before it is compared with anything: at most five of however many arrive at once are looked at, and the
count stays whatever becomes of the call. A right one gives its tries back.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Interval, any_, case, cast, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from libs.database import Session
from services.auth.second_factors.models import GRANTED, PaymentAuthLog, Pin, Totp

TRIES = 5  # wrong ones in a row before the first lock, and before each next one
CODE_LOCK, PIN_LOCK = 60, 15 * 60  # seconds of the first; each next one is twice as long
LONGEST_LOCK = 24 * 60 * 60
MOST_DOUBLINGS = 20  # beyond the longest lock, and no number that overflows


class Taken(NamedTuple):
    """A try that was counted: what it is compared with, and what follows where it is wrong."""

    secret: str
    tries: int
    lock_seconds: int  # 0 where it is not locked after this one

    @property
    def left(self) -> int:
        """Wrong ones that may still follow before it is locked."""
        return -self.tries % TRIES


class Totps:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, user_id: int, *, lock: bool = False) -> Totp | None:
        return await self._session.get(Totp, user_id, with_for_update=lock or None, populate_existing=True)

    async def is_enabled(self, user_id: int) -> bool:
        return bool(await self._session.scalar(select(Totp.is_enabled).where(Totp.user_id == user_id)))

    async def set_up(self, user_id: int, sealed: str) -> bool:
        """Keep a new secret that waits to be enabled; False where one is enabled."""
        fresh = {"totp_secret": sealed, "last_step": 0, "failed_count": 0, "locked_until": None, "backup_codes": None}
        made = insert(Totp).values(user_id=user_id, **fresh)
        kept = made.on_conflict_do_update(
            index_elements=[Totp.user_id], set_={**fresh, "updated_at": func.now()}, where=~Totp.is_enabled
        )
        return await self._session.scalar(kept.returning(Totp.user_id)) is not None

    async def forget(self, user_id: int) -> None:
        """Ask for codes no more."""
        nothing = {"is_enabled": False, "totp_secret": None, "backup_codes": None}
        await self._session.execute(update(Totp).where(Totp.user_id == user_id).values(nothing))

    async def take(self, user_id: int) -> Taken | None:
        """Count a try; None where none is due: locked, or not enabled."""
        has_it: ColumnElement[bool] = (Totp.user_id == user_id) & Totp.is_enabled
        counted = Totp.failed_count + 1
        change = (
            update(Totp)
            .where(has_it, is_open(Totp.locked_until))
            .values(failed_count=counted, locked_until=locked_from(counted, CODE_LOCK))
            .returning(Totp.totp_secret, Totp.failed_count, seconds_left(Totp.locked_until))
        )
        found = (await self._session.execute(change)).first()
        return Taken(found[0] or "", *found[1:]) if found else None

    async def accept(self, user_id: int, step: int) -> int | None:
        """Use a code up, and forget the wrong ones; answers the backup codes left, None where it was used before."""
        is_new: ColumnElement[bool] = (Totp.user_id == user_id) & Totp.is_enabled & (Totp.last_step < step)
        return await self._forgive(is_new, last_step=step)

    async def spend(self, user_id: int, hashed: str) -> int | None:
        """Use a backup code up, and forget the wrong ones; answers those left, None where there is no such code."""
        has_it: ColumnElement[bool] = (
            (Totp.user_id == user_id) & Totp.is_enabled & (literal(hashed) == any_(Totp.backup_codes))
        )
        return await self._forgive(has_it, backup_codes=func.array_remove(Totp.backup_codes, hashed))

    async def _forgive(self, where: ColumnElement[bool], **values: Any) -> int | None:
        change = update(Totp).where(where).values(failed_count=0, locked_until=None, **values)
        left: int | None = await self._session.scalar(change.returning(func.cardinality(Totp.backup_codes)))
        return left

    async def lock_left(self, user_id: int) -> int:
        """Seconds until codes are taken again; 0 where they are."""
        return await self._session.scalar(select(seconds_left(Totp.locked_until)).where(Totp.user_id == user_id)) or 0


class Pins:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def hash_of(self, user_id: int) -> str | None:
        """Of the PIN that is set; None where none is."""
        return await self._session.scalar(select(Pin.pin_hash).where(Pin.user_id == user_id, Pin.is_enabled))

    async def take(self, user_id: int) -> Taken | None:
        """Count a try; None where none is due: locked, or no PIN is set."""
        counted = Pin.attempt_count + 1
        change = (
            update(Pin)
            .where(Pin.user_id == user_id, Pin.is_enabled, is_open(Pin.locked_until))
            .values(attempt_count=counted, last_attempt_at=func.now(), locked_until=locked_from(counted, PIN_LOCK))
            .returning(Pin.pin_hash, Pin.attempt_count, seconds_left(Pin.locked_until))
        )
        found = (await self._session.execute(change)).first()
        return Taken(*found) if found else None

    async def give_back(self, user_id: int) -> None:
        """Uncount a try that was never compared."""
        change = update(Pin).where(Pin.user_id == user_id, Pin.attempt_count > 0)
        await self._session.execute(change.values(attempt_count=Pin.attempt_count - 1, locked_until=None))

    async def forgive(self, user_id: int, pin_hash: str) -> None:
        """Forget the wrong ones, while it is still this PIN."""
        change = update(Pin).where(Pin.user_id == user_id, Pin.pin_hash == pin_hash)
        await self._session.execute(change.values(attempt_count=0, locked_until=None))

    async def replace(self, user_id: int, old: str | None, new: str) -> bool:
        """Set the PIN where it is still the old one (None: where there is none); False where it is not."""
        fresh = {"pin_hash": new, "is_enabled": True, "attempt_count": 0, "locked_until": None}
        made = insert(Pin).values(user_id=user_id, **fresh)
        is_old = Pin.is_enabled & (Pin.pin_hash == old) if old else ~Pin.is_enabled
        kept = made.on_conflict_do_update(
            index_elements=[Pin.user_id], set_={**fresh, "updated_at": func.now()}, where=is_old
        )
        return await self._session.scalar(kept.returning(Pin.user_id)) is not None

    async def lock_left(self, user_id: int) -> int:
        """Seconds until a PIN is taken again; 0 where one is."""
        return await self._session.scalar(select(seconds_left(Pin.locked_until)).where(Pin.user_id == user_id)) or 0


class PaymentLog:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def is_granted(self, user_id: int, payment_id: str) -> bool:
        query = select(literal(1)).where(
            PaymentAuthLog.user_id == user_id,
            PaymentAuthLog.payment_id == payment_id,
            PaymentAuthLog.status == GRANTED,
        )
        return await self._session.scalar(query) is not None

    async def add(self, **values: Any) -> int | None:
        """Log an attempt; None where it would grant a payment a second time."""
        made = insert(PaymentAuthLog).values(values).on_conflict_do_nothing()
        return await self._session.scalar(made.returning(PaymentAuthLog.log_id))


Moment = InstrumentedAttribute[Any]


def is_open(locked_until: Moment) -> ColumnElement[bool]:
    return or_(locked_until.is_(None), locked_until <= func.now())


def locked_from(count: ColumnElement[int], first: int) -> ColumnElement[Any]:
    """Until when this many wrong ones lock: from each fifth one on for a time that doubles; NULL after the others."""
    doublings = func.least((count // TRIES) - 1, MOST_DOUBLINGS)
    seconds = func.least(first * func.power(2, doublings), LONGEST_LOCK)
    length = func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval)
    return case((count % TRIES == 0, func.now() + length), else_=null())


def seconds_left(locked_until: Moment) -> ColumnElement[int]:
    """Whole seconds, rounded up, until the moment; 0 where it is past or NULL."""
    left = func.ceil(func.extract("epoch", locked_until - func.clock_timestamp()))
    return cast(func.greatest(func.coalesce(left, 0), 0), Integer)
