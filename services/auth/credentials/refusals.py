"""Notes of known credentials that were turned away; each reason of each credential once a minute at most."""

import time

from google.protobuf.message import Message
from orrery.auth.api_keys.v1 import events_pb2 as key_events
from orrery.auth.api_tokens.v1 import events_pb2 as token_events

from libs import outbox
from libs.database import SYSTEM, Database, Tenant
from services.auth.credentials.repository import FoundKey, FoundToken, Holder

SILENT_SECONDS = 60.0
MOST = 10_000


class Refusals:
    """Tells of refusals, in transactions of their own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[tuple[str, str], float] = {}

    async def token(self, found: FoundToken, reason: str, address: str) -> None:
        actor = found.actor
        await self.token_of(Holder(found.token_id, actor.organization_id, actor.user_id or 0), reason, address)

    async def token_of(self, holder: Holder, reason: str, address: str) -> None:
        told = token_events.ApiTokenRefused(
            user_id=holder.user_id, token_id=int(holder.id), reason=reason, address=address
        )
        await self._tell(told, str(holder.user_id), holder, reason)

    async def key(self, found: FoundKey, reason: str, address: str) -> None:
        await self.key_of(Holder(found.id, found.organization_id, found.actor.user_id or 0), reason, address)

    async def key_of(self, holder: Holder, reason: str, address: str) -> None:
        told = key_events.ApiKeyRefused(
            id=str(holder.id), organization_id=str(holder.organization_id), reason=reason, address=address
        )
        await self._tell(told, str(holder.id), holder, reason)

    async def _tell(self, told: Message, about: str, holder: Holder, reason: str) -> None:
        if self._is_new(str(holder.id), reason):
            async with self._database.transaction(SYSTEM) as session:
                whose = Tenant(holder.user_id, str(holder.organization_id or ""))
                outbox.publish(session, told, key=about, by=whose)

    def _is_new(self, credential: str, reason: str) -> bool:
        now, told = time.monotonic(), self._told
        if now - told.get((credential, reason), -SILENT_SECONDS) < SILENT_SECONDS:
            return False
        told[credential, reason] = now
        if len(told) > MOST:
            del told[next(iter(told))]
        return True
