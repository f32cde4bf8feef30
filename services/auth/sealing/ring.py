"""This process's view of the data keys: no secret that is sealed or read costs a query or a call."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from libs.database import SYSTEM, Database
from libs.telemetry import Answer, No, get_logger
from services.auth.sealing import cipher, operations
from services.auth.sealing.cipher import SealBroken
from services.auth.sealing.errors import SealingNotReady
from services.auth.sealing.master import MasterKey, MasterKeyUnusable
from services.auth.sealing.masters import Master
from services.auth.sealing.models import DataKey
from services.auth.sealing.repository import DataKeys

log = get_logger(__name__)
Clock = Callable[[], datetime]
VERSION = b"\x01"
HEADER_BYTES = len(VERSION) + 16
REFRESH_SECONDS = 15.0
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A data key in memory."""

    id: uuid.UUID
    secret: bytes
    activates_at: datetime

    @property
    def header(self) -> bytes:
        """What every value that it sealed begins with."""
        return VERSION + self.id.bytes


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ring:
    """Seals by the newest data key and unseals by any; looks for those of other processes every 15 seconds.

    The first master wraps new data keys; the others only open what they wrapped before they were replaced.
    """

    def __init__(self, database: Database, masters: Sequence[Master], clock: Clock = utc_now) -> None:
        self._database, self._masters, self._clock = database, list(masters), clock
        self._opened: dict[uuid.UUID, Opened] = {}
        self._newest_first: list[DataKey] = []
        self._is_loaded, self._is_asked = asyncio.Event(), asyncio.Event()
        self._why = "no data key is known yet"

    async def run(self) -> None:
        """Refresh until cancelled; a database or a vault that is away is asked again soon."""
        while True:
            try:
                await self.refresh()
            except (ConnectionError, TimeoutError, MasterKeyUnusable) as away:
                self._why = str(away)
                log.warning("sealing_waits", reason=self._why)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await self._pause()

    async def refresh(self) -> None:
        """Make the first key where there is none, then learn all. Raises MasterAway and MasterKeyUnusable."""
        await operations.ensure_first(self._database, self._masters[0])
        async with self._database.transaction(SYSTEM) as session:
            rows = await DataKeys(session).all()
        for row in rows:
            if row.id not in self._opened and (secret := await self._unwrapped(row)):
                self._opened[row.id] = Opened(row.id, secret, row.activates_at)
        self._newest_first = rows
        self._is_loaded.set()

    async def loaded(self) -> None:
        """Return once the keys have been learned."""
        await self._is_loaded.wait()

    async def answers(self) -> Answer:
        """Whether secrets can be sealed now."""
        try:
            self.current()
        except SealingNotReady:
            return No(self._why)
        return True

    def current(self) -> Opened:
        """The key that seals now; raises SealingNotReady."""
        now = self._clock()
        begun = [row for row in self._newest_first if row.activates_at <= now] or self._newest_first[-1:]
        if not begun or begun[0].id not in self._opened:
            raise SealingNotReady
        return self._opened[begun[0].id]

    @property
    def id(self) -> str:
        """The current key's id, in 32 characters; raises SealingNotReady."""
        return self.current().id.hex

    def seal(self, text: bytes, purpose: str) -> bytes:
        """The text encrypted by the newest key; it opens for the same purpose alone. Raises SealingNotReady."""
        key = self.current()
        return cipher.seal(key.secret, text, purpose, key.header)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The text again. Raises SealBroken; SealingNotReady where it may be of a key that is not known yet."""
        if key := self._opened.get(key_of(sealed)):
            return cipher.unseal(key.secret, sealed, purpose, key.header)
        for master in self._directs():
            try:
                return master.unseal(sealed, purpose)
            except SealBroken:
                continue
        if sealed[:1] != VERSION:
            raise SealBroken("a sealed secret opens with no known key")
        self._is_asked.set()
        raise SealingNotReady

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it; raises SealingNotReady."""
        return sealed[:HEADER_BYTES] == self.current().header

    def _directs(self) -> list[MasterKey]:
        """Masters that sealed values themselves, before there were data keys."""
        return [key for master in self._masters if (key := master.direct())]

    async def _unwrapped(self, row: DataKey) -> bytes | None:
        for master in self._masters:
            if await master.id() == row.sealed_by:
                return await self._opened_by(master, row)
        self._why = f"data key {row.id} is sealed by master key {row.sealed_by}, which this process was not given"
        log.error("data_key_not_opened", id=str(row.id), sealed_by=row.sealed_by, reason="unknown master key")
        return None

    async def _opened_by(self, master: Master, row: DataKey) -> bytes | None:
        try:
            return await master.unwrap(row.sealed_key, operations.purpose(row.id))
        except (SealBroken, MasterKeyUnusable) as closed:
            self._why = str(closed)
            log.error("data_key_not_opened", id=str(row.id), sealed_by=row.sealed_by, reason=str(closed))  # noqa: TRY400  # its trace says nothing more
            return None

    async def _pause(self) -> None:
        """Until the next look, or until a value came whose key is not known."""
        self._is_asked.clear()
        try:
            await asyncio.wait_for(self._is_asked.wait(), REFRESH_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(RETRY_SECONDS)  # a forged value must not make a query each


def key_of(sealed: bytes) -> uuid.UUID:
    """The id of the key that sealed it; a nil one for what is older than data keys."""
    is_ours = sealed[:1] == VERSION and len(sealed) >= HEADER_BYTES
    return uuid.UUID(bytes=sealed[1:HEADER_BYTES]) if is_ours else uuid.UUID(int=0)
