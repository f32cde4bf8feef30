"""When credentials were last used: noted off the request's path, to the minute."""

import asyncio
from uuid import UUID

from libs.database import SYSTEM, Database
from libs.telemetry import get_logger
from services.auth.credentials import repository

log = get_logger(__name__)
EVERY_SECONDS = 10.0
MOST = 10_000  # in one round; what comes beyond is noted when the gateways ask next


class Uses:
    """Gathers uses and writes them every ten seconds; a gateway asks for each credential twice a minute at least."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens: set[int] = set()
        self._keys: set[UUID] = set()

    def note_token(self, token_id: int) -> None:
        if len(self._tokens) < MOST:
            self._tokens.add(token_id)

    def note_key(self, key_id: UUID) -> None:
        if len(self._keys) < MOST:
            self._keys.add(key_id)

    async def run(self) -> None:
        """Write until cancelled; what a database that is away did not take is written later."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.write()
            except (ConnectionError, TimeoutError) as away:
                log.warning("uses_wait", reason=str(away))

    async def write(self) -> None:
        """Write what was gathered."""
        tokens, keys = sorted(self._tokens), sorted(self._keys)  # in one order: two replicas do not lock each other out
        if not tokens and not keys:
            return
        async with self._database.transaction(SYSTEM) as session:
            await repository.used(session, tokens, keys)
        self._tokens.difference_update(tokens)
        self._keys.difference_update(keys)
