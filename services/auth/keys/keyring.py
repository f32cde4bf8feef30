"""This process's view of the keys: no sign-in and no key set costs a read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from libs.database import SYSTEM, Database
from libs.telemetry import Answer, No, get_logger
from services.auth.keys import rotation
from services.auth.keys.errors import KeysNotReady
from services.auth.keys.material import opened
from services.auth.keys.models import SigningKey
from services.auth.keys.operations import BELIEVED_FOR
from services.auth.keys.repository import SigningKeys
from services.auth.sealing import SealBroken, Sealer
from services.auth.sealing.errors import SealingNotReady

log = get_logger(__name__)
Clock = Callable[[], datetime]
REFRESH_SECONDS = 15.0
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Signing:
    """The key of new tokens."""

    kid: str
    private: RSAPrivateKey


def utc_now() -> datetime:
    return datetime.now(UTC)


class Keyring:
    """Knows every live key, makes new ones in time, and looks for those of other processes every 15 seconds."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock = utc_now) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock
        self._live: list[SigningKey] = []
        self._opened: dict[str, RSAPrivateKey] = {}
        self._why = "no signing key is known yet"

    async def run(self) -> None:
        """Refresh until cancelled; a database or a data key that is not there yet is asked again soon."""
        while True:
            try:
                await self.refresh()
            except (ConnectionError, TimeoutError, SealingNotReady) as away:
                self._why = str(away)
                log.warning("keys_wait", reason=self._why)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Make a key where one is due, then learn all."""
        await rotation.rotate_when_due(self._database, self._sealer, self._clock())
        async with self._database.transaction(SYSTEM) as session:
            live = await SigningKeys(session).live()
        self._opened = {key.kid: private for key in live if (private := self._open(key))}
        self._live = live

    def signing(self) -> Signing:
        """The key that signs now; raises KeysNotReady."""
        kid = self._current(self._clock())
        if kid not in self._opened:
            raise KeysNotReady
        return Signing(kid, self._opened[kid])

    def published(self) -> list[dict[str, str]]:
        """The public keys as JWKs: the one that signs, then those that will or did."""
        now = self._clock()
        shown = [key for key in self._live if key.retires_at is None or now < key.retires_at + BELIEVED_FOR]
        current = self._current(now)
        return [key.public_jwk for key in sorted(shown, key=lambda key: key.kid != current)]

    async def answers(self) -> Answer:
        """Whether tokens can be signed now."""
        try:
            self.signing()
        except KeysNotReady:
            return No(self._why)
        return True

    def _current(self, now: datetime) -> str:
        """The id of the newest key whose time has come, or of the first whose time will; empty where there is none."""
        begun = [key.kid for key in self._live if key.activates_at <= now]
        return begun[0] if begun else self._live[-1].kid if self._live else ""

    def _open(self, key: SigningKey) -> RSAPrivateKey | None:
        try:
            return self._opened.get(key.kid) or opened(key.private_key, key.kid, self._sealer)
        except (SealBroken, SealingNotReady) as closed:
            self._why = str(closed)
            log.error("key_not_opened", kid=key.kid, sealed_by=key.sealed_by, reason=str(closed))  # noqa: TRY400  # its trace says nothing more
            return None
