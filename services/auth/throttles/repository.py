"""Every SELECT of throttles and places, and the one statement that counts attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, literal, select, text, tuple_

from libs.database import SYSTEM, Database, HotQuery, Session
from services.auth.accounts.models import Account
from services.auth.throttles.limits import LIMITS, Scope
from services.auth.throttles.models import KnownPlace, Throttle
from services.auth.throttles.places import Network

IS_KNOWN = HotQuery("SELECT 1 FROM known_place WHERE user_id = %(user_id)s AND place = %(place)s::cidr")

# A row is counted up before anybody looks at the password, and only while it is open: of attempts that come at once as
# many pass as are left. All statements here lock rows in one order, so that two attempts never wait for each other.
COUNT = text("""
WITH flushed AS MATERIALIZED (SELECT set_config('synchronous_commit', :flushed, true)), asked AS (
    SELECT * FROM unnest(
        CAST(:subjects AS bytea[]), CAST(:places AS text[]), CAST(:free AS int[]), CAST(:slowest AS int[]),
        CAST(:forget AS int[])
    ) AS asked (subject, place, free, slowest, forget)
)
INSERT INTO sign_in_throttle AS known (subject, place, failures, last_at, open_at)
SELECT subject, place, 1, clock_timestamp(), clock_timestamp() FROM asked, flushed ORDER BY subject, place COLLATE "C"
ON CONFLICT (subject, place) DO UPDATE SET (failures, last_at, open_at) = (
    SELECT counted.failures, clock_timestamp(), clock_timestamp() + make_interval(
        secs => CASE WHEN counted.failures < asked.free THEN 0
                ELSE least(asked.slowest, 2.0 ^ least(counted.failures - asked.free, 20)) END
    )
    FROM asked CROSS JOIN LATERAL (
        SELECT CASE WHEN known.last_at < clock_timestamp() - make_interval(secs => asked.forget) THEN 1
               ELSE known.failures + 1 END AS failures
    ) counted
    WHERE asked.subject = excluded.subject AND asked.place = excluded.place
)
WHERE known.open_at <= clock_timestamp()
RETURNING place, failures, ceil(greatest(0, extract(epoch FROM open_at - clock_timestamp())))::int
""")
SETTLE = text("""
WITH locked AS MATERIALIZED (
    SELECT subject, place FROM sign_in_throttle
    WHERE (subject, place) IN (SELECT * FROM unnest(CAST(:subjects AS bytea[]), CAST(:places AS text[])))
    ORDER BY subject, place COLLATE "C" FOR UPDATE
), cleared AS (
    DELETE FROM sign_in_throttle known USING locked
    WHERE known.subject = locked.subject AND known.place = locked.place AND known.place = :cleared
)
UPDATE sign_in_throttle known SET failures = greatest(failures - 1, 0) FROM locked
WHERE known.subject = locked.subject AND known.place = locked.place AND known.place <> :cleared
""")
OPEN = text("""
WITH locked AS MATERIALIZED (
    SELECT subject, place FROM sign_in_throttle WHERE subject = :subject
    ORDER BY subject, place COLLATE "C" FOR UPDATE
)
DELETE FROM sign_in_throttle known USING locked
WHERE known.subject = locked.subject AND known.place = locked.place
""")
ARRIVE = text("""
WITH before AS (
    SELECT bool_or(place <<= CAST(:network AS cidr)) AS is_near FROM known_place WHERE user_id = :user_id
), noted AS (
    INSERT INTO known_place (user_id, place) VALUES (:user_id, CAST(:place AS cidr))
    ON CONFLICT (user_id, place) DO UPDATE SET last_seen_at = now()
)
SELECT is_near FROM before
""")
KNOWN_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that an attempt counts against."""

    scope: Scope
    subject: bytes
    at: str = ""

    @property
    def place(self) -> str:
        """The row's place: the scope's first letter, and where."""
        return f"{self.scope[0]} {self.at}".strip()


@dataclass(frozen=True, slots=True)
class Counted:
    """A count after an attempt: failures so far, this one among them, and the seconds that the next one waits."""

    scope: Scope
    failures: int
    wait_seconds: int


class Throttles:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def count(self, counts: Sequence[Count], *, is_flushed: bool = True) -> list[Counted]:
        """Count an attempt; fewer answers than counts where one of them is closed: roll back then.

        Where it is not flushed, the commit does not wait for the disk: a crash forgets the last half second's counts.
        """
        limits = [LIMITS[one.scope] for one in counts]
        values = {
            **keys(counts),
            "flushed": "on" if is_flushed else "off",
            "free": [one.free for one in limits],
            "slowest": [one.slowest_seconds for one in limits],
            "forget": [one.forget_seconds for one in limits],
        }
        scopes = {one.place: one.scope for one in counts}
        rows = (await self._session.execute(COUNT, values)).all()
        return [Counted(scopes[place], failures, seconds) for place, failures, seconds in rows]

    async def wait_seconds(self, counts: Sequence[Count]) -> int:
        """Until all of them are open."""
        named = tuple_(Throttle.subject, Throttle.place).in_([(one.subject, one.place) for one in counts])
        seconds = func.ceil(func.extract("epoch", func.max(Throttle.open_at) - func.clock_timestamp()))
        return int(await self._session.scalar(select(seconds).where(named)) or 0)

    async def settle(self, counts: Sequence[Count], cleared: str = "") -> None:
        """Take an attempt's own count back, and forget all failures at the place `cleared`."""
        await self._session.execute(SETTLE, {**keys(counts), "cleared": cleared})

    async def open(self, subject: bytes) -> None:
        """Forget all failures of an account."""
        await self._session.execute(OPEN, {"subject": subject})

    async def forget(self, most: int) -> int:
        """Delete at most so many that count for nothing any more; answers how many."""
        longest = timedelta(seconds=max(one.forget_seconds for one in LIMITS.values()))
        old = select(Throttle.subject, Throttle.place).where(Throttle.last_at < func.now() - longest)
        old = old.limit(most).with_for_update(skip_locked=True)
        named = tuple_(Throttle.subject, Throttle.place)
        return len((await self._session.execute(delete(Throttle).where(named.in_(old)).returning(literal(1)))).all())


class Places:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def arrive(self, user_id: int, place: Network, network: Network) -> bool | None:
        """Note that a person signed in there. Whether they did so nearby before; None where it is their first place."""
        values = {"user_id": user_id, "place": str(place), "network": str(network)}
        known: bool | None = await self._session.scalar(ARRIVE, values)
        return known

    async def forget(self, most: int) -> int:
        """Delete at most so many where nobody was for half a year; answers how many."""
        old = select(KnownPlace.user_id, KnownPlace.place).where(KnownPlace.last_seen_at < func.now() - KNOWN_FOR)
        named = tuple_(KnownPlace.user_id, KnownPlace.place)
        gone = delete(KnownPlace).where(named.in_(old.limit(most))).returning(literal(1))
        return len((await self._session.execute(gone)).all())


class Reader(NamedTuple):
    """To whom mails about an account go."""

    email: str
    language: str


async def mailing(session: Session, user_id: int) -> Reader | None:
    """The account's address and language; None where the address was never proven."""
    is_proven = Account.user_id == user_id, Account.email_verified_at.is_not(None)
    found = (
        await session.execute(select(Account.email, func.coalesce(Account.language, "")).where(*is_proven))
    ).first()
    return Reader(*found) if found else None


async def is_known(database: Database, user_id: int, place: Network) -> bool:
    """Whether the account (0 for none) signed in from there before."""
    return bool(await IS_KNOWN.rows(database, SYSTEM, user_id=user_id, place=str(place)))


def keys(counts: Sequence[Count]) -> dict[str, list[bytes] | list[str]]:
    return {"subjects": [one.subject for one in counts], "places": [one.place for one in counts]}
