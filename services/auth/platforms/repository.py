"""Every SELECT of platform links, and the conditional statements that decide their races."""

import hashlib
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, or_, select, true, update

from libs.database import Session
from services.auth.platforms.errors import PlatformKeyNotFound
from services.auth.platforms.models import PlatformKey, PlatformState


class Spent(NamedTuple):
    """A state that was good until now."""

    id: UUID
    redirect_uri: str
    verifier: bytes | None  # sealed


class States:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, row: PlatformState, state: str, lifetime: timedelta) -> None:
        row.hash, row.expires_at = hashed(state), func.now() + lifetime
        self._session.add(row)
        await self._session.flush()

    async def spend(self, state: str, platform: str, user_id: int, *, is_public: bool) -> Spent | None:
        """Use it up; None where it was not good. However often it comes at once, one gets it.

        A public one may have been asked for by nobody, and may come back from nobody (user_id 0).
        """
        is_whose = PlatformState.user_id == user_id
        if is_public:
            is_whose = or_(is_whose, PlatformState.user_id.is_(None)) if user_id else true()
        spent = (
            delete(PlatformState)
            .where(
                PlatformState.hash == hashed(state),
                PlatformState.platform == platform,
                PlatformState.expires_at > func.now(),
                is_whose,
            )
            .returning(PlatformState.id, PlatformState.redirect_uri, PlatformState.verifier)
        )
        found = (await self._session.execute(spent)).first()
        return Spent(*found) if found else None

    async def forget(self, most: int) -> int:
        """Delete at most so many that have expired; answers how many."""
        expired = select(PlatformState.id).where(PlatformState.expires_at < func.now()).limit(most)
        gone = delete(PlatformState).where(PlatformState.id.in_(expired)).returning(PlatformState.id)
        return len((await self._session.scalars(gone)).all())


class PlatformKeys:
    """The keys of one person."""

    def __init__(self, session: Session, user_id: int) -> None:
        self._session, self._user_id = session, user_id

    async def all(self, *, is_active: bool | None = None) -> list[PlatformKey]:
        """Newest first; never more than operations.MOST."""
        query = select(PlatformKey).where(PlatformKey.user_id == self._user_id)
        if is_active is not None:
            query = query.where(PlatformKey.is_active == is_active)
        return list(await self._session.scalars(query.order_by(PlatformKey.created_at.desc(), PlatformKey.id)))

    async def count(self) -> int:
        query = select(func.count()).select_from(PlatformKey).where(PlatformKey.user_id == self._user_id)
        return await self._session.scalar(query) or 0

    async def get(self, key_id: UUID, *, lock: bool = False) -> PlatformKey:
        """Raises PlatformKeyNotFound."""
        query = select(PlatformKey).where(PlatformKey.id == key_id, PlatformKey.user_id == self._user_id)
        found: PlatformKey | None = await self._session.scalar(query.with_for_update() if lock else query)
        if found is None:
            raise PlatformKeyNotFound
        return found

    async def of_channel(self, platform: str, channel_id: str) -> PlatformKey | None:
        """The key of this account at the platform, locked for a change."""
        is_it = PlatformKey.platform == platform, PlatformKey.channel_id == channel_id
        query = select(PlatformKey).where(PlatformKey.user_id == self._user_id, *is_it)
        found: PlatformKey | None = await self._session.scalar(query.with_for_update())
        return found

    async def add(self, key: PlatformKey) -> PlatformKey:
        self._session.add(key)
        await self._session.flush()
        return key

    async def exchange(self, key: PlatformKey, values: dict[str, Any]) -> bool:
        """Change a key; False where it has another refresh token than when it was read."""
        is_it = PlatformKey.refresh_token.is_not_distinct_from(key.refresh_token)
        changed = (
            update(PlatformKey)
            .where(PlatformKey.id == key.id, PlatformKey.user_id == self._user_id, is_it)
            .values(**values, version=PlatformKey.version + 1)
            .returning(PlatformKey.id)
        )
        return await self._session.scalar(changed) is not None

    async def claim(self, key: PlatformKey, lease: timedelta) -> bool:
        """Be the one who asks the platform for a while; False where somebody is, or did since the key was read."""
        is_free = or_(PlatformKey.renewing_until.is_(None), PlatformKey.renewing_until < func.now())
        claimed = (
            update(PlatformKey)
            .where(PlatformKey.id == key.id, PlatformKey.version == key.version, is_free)
            .values(renewing_until=func.now() + lease, updated_at=PlatformKey.updated_at)
            .returning(PlatformKey.id)
        )
        return await self._session.scalar(claimed) is not None

    async def release(self, key: PlatformKey) -> None:
        """Let somebody else ask."""
        released = update(PlatformKey).where(PlatformKey.id == key.id)
        await self._session.execute(released.values(renewing_until=None, updated_at=PlatformKey.updated_at))

    async def delete(self, key: PlatformKey) -> None:
        await self._session.delete(key)
        await self._session.flush()


def hashed(state: str) -> bytes:
    """What is stored of a state; it has too much entropy to be guessed from its SHA-256."""
    return hashlib.sha256(state.encode()).digest()
