"""What people can do with the keys that they have at platforms."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from orrery.auth.platforms.v1 import events_pb2 as events

from libs import outbox
from libs.database import Session
from libs.database.tenant import Caller
from services.auth.accounts.repository import Accounts
from services.auth.platforms import vault
from services.auth.platforms.catalogue import Platform
from services.auth.platforms.errors import TooManyPlatformKeys
from services.auth.platforms.models import PlatformKey
from services.auth.platforms.oauth import Channel, Tokens
from services.auth.platforms.repository import PlatformKeys
from services.auth.sealing import Sealer

MOST = 50  # keys of a person


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives for a key; None stays as it is."""

    access_token: str | None = None
    refresh_token: str | None = None
    token_expires_at: datetime | None = None
    is_active: bool | None = None

    def values(self, sealer: Sealer, key_id: UUID) -> dict[str, Any]:
        """The columns."""
        found: dict[str, Any] = {}
        if self.access_token is not None:
            found |= vault.sealed_access(sealer, key_id, self.access_token)
        if self.refresh_token is not None:
            found |= vault.sealed_refresh(sealer, key_id, self.refresh_token)
        if self.token_expires_at is not None:
            found["token_expires_at"] = self.token_expires_at.astimezone(UTC)
        return found if self.is_active is None else {**found, "is_active": self.is_active}

    def names(self) -> list[str]:
        """What is given, in the fields' order."""
        return [name for name in self.__slots__ if getattr(self, name) is not None]


async def create(session: Session, sealer: Sealer, caller: Caller, platform: Platform, given: Given) -> PlatformKey:
    """Keep tokens from elsewhere. Raises TooManyPlatformKeys, AccountGone."""
    key_id = uuid4()
    row = PlatformKey(id=key_id, user_id=caller.user_id, platform=platform.name, **given.values(sealer, key_id))
    return await keep(session, caller, row)


async def link(
    session: Session, sealer: Sealer, caller: Caller, platform: Platform, tokens: Tokens, channel: Channel
) -> PlatformKey:
    """Keep the tokens of an account at a platform; once linked, it keeps its key.

    Raises TooManyPlatformKeys, AccountGone.
    """
    await Accounts(session).get_active(caller.user_id)  # one link of a person at a time
    keys = PlatformKeys(session, caller.user_id)
    if key := await keys.of_channel(platform.name, channel.id):
        await keys.exchange(key, vault.sealed_tokens(sealer, key.id, tokens))
        await session.refresh(key)
        return told_of_link(session, caller, key)
    key_id = uuid4()
    values = vault.sealed_tokens(sealer, key_id, tokens)
    row = PlatformKey(id=key_id, user_id=caller.user_id, platform=platform.name, channel_id=channel.id, **values)
    return await keep(session, caller, row)


async def keep(session: Session, caller: Caller, row: PlatformKey) -> PlatformKey:
    await Accounts(session).get_active(caller.user_id)  # locks it: the count below is right when this commits
    keys = PlatformKeys(session, caller.user_id)
    if await keys.count() >= MOST:
        raise TooManyPlatformKeys(MOST)
    return told_of_link(session, caller, await keys.add(row))


def told_of_link(session: Session, caller: Caller, key: PlatformKey) -> PlatformKey:
    told = events.PlatformLinked(
        user_id=caller.user_id, key_id=str(key.id), platform=key.platform, channel_id=key.channel_id or ""
    )
    outbox.publish(session, told, key=str(caller.user_id))
    return key


async def change(session: Session, sealer: Sealer, caller: Caller, key_id: UUID, given: Given) -> PlatformKey:
    """Change a key; tells nobody where nothing is given. Raises PlatformKeyNotFound."""
    keys = PlatformKeys(session, caller.user_id)
    key = await keys.get(key_id, lock=True)
    if values := given.values(sealer, key.id):
        await keys.exchange(key, values)
        await session.refresh(key)
        told = events.PlatformKeyChanged(
            user_id=caller.user_id, key_id=str(key.id), platform=key.platform, changed=given.names()
        )
        outbox.publish(session, told, key=str(caller.user_id))
    return key


async def delete(session: Session, caller: Caller, key_id: UUID) -> None:
    """Raises PlatformKeyNotFound."""
    keys = PlatformKeys(session, caller.user_id)
    key = await keys.get(key_id, lock=True)
    await keys.delete(key)
    told = events.PlatformUnlinked(user_id=caller.user_id, key_id=str(key_id), platform=key.platform)
    outbox.publish(session, told, key=str(caller.user_id))
