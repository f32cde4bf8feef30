"""Renewing the tokens of a kept key.

A platform may take a refresh token once, so of many calls at once one asks it, and the others wait for what comes of
it. No transaction is open while it answers.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from orrery.auth.platforms.v1 import events_pb2 as events

from libs import outbox
from libs.database import Database, Session
from libs.database.tenant import Caller
from services.auth.platforms import vault
from services.auth.platforms.directory import Directory
from services.auth.platforms.errors import LinkExpired, NothingToRefresh, PlatformBusy
from services.auth.platforms.models import PlatformKey
from services.auth.platforms.oauth import Client, GrantRefused, Tokens
from services.auth.platforms.repository import PlatformKeys
from services.auth.sealing import Sealer

LEASE = timedelta(seconds=15)  # longer than a platform is given to answer
LOOKS, LOOK_SECONDS = 60, 0.1


class Renewal:
    """Renews keys of whoever calls."""

    def __init__(self, database: Database, sealer: Sealer, directory: Directory) -> None:
        self._database, self._sealer, self._directory = database, sealer, directory

    async def renew(self, caller: Caller, key_id: UUID) -> PlatformKey:
        """The key with new tokens.

        Raises PlatformKeyNotFound, NothingToRefresh, LinkExpired, and what the platform's client raises.
        """
        async with self._database.transaction(caller) as session:
            key = await PlatformKeys(session, caller.user_id).get(key_id)
        token = vault.refresh_token(self._sealer, key)
        if token is None:
            raise NothingToRefresh
        client = self._directory.client(key.platform)
        for _ in range(LOOKS):
            async with self._database.transaction(caller) as session:
                keys = PlatformKeys(session, caller.user_id)
                is_mine = await keys.claim(key, LEASE)
                now = await keys.get(key_id)
            if is_mine:
                return ensure_good(await self._ask(caller, key, client, token))
            if now.version != key.version:
                return ensure_good(now)
            await asyncio.sleep(LOOK_SECONDS)
        raise PlatformBusy(seconds=1)

    async def _ask(self, caller: Caller, key: PlatformKey, client: Client, token: str) -> PlatformKey:
        tokens: Tokens | None = None
        try:
            tokens = await client.renew(token)
        except GrantRefused:
            pass
        except BaseException:
            await self._release(caller, key)
            raise
        async with self._database.transaction(caller) as session:
            return await self._keep(session, caller, key, tokens)

    async def _keep(self, session: Session, caller: Caller, key: PlatformKey, tokens: Tokens | None) -> PlatformKey:
        keys = PlatformKeys(session, caller.user_id)
        values = vault.sealed_tokens(self._sealer, key.id, tokens) if tokens else {"is_active": False}
        if await keys.exchange(key, {**values, "renewing_until": None}):
            tell(session, caller, key, is_good=tokens is not None)
        return await keys.get(key.id)

    async def _release(self, caller: Caller, key: PlatformKey) -> None:
        async with self._database.transaction(caller) as session:
            await PlatformKeys(session, caller.user_id).release(key)


def ensure_good(key: PlatformKey) -> PlatformKey:
    if not key.is_active:
        raise LinkExpired
    return key


def tell(session: Session, caller: Caller, key: PlatformKey, *, is_good: bool) -> None:
    kind = events.PlatformKeyRefreshed if is_good else events.PlatformKeyExpired
    event = kind(user_id=caller.user_id, key_id=str(key.id), platform=key.platform)
    outbox.publish(session, event, key=str(caller.user_id))
