"""Every SELECT of signing keys."""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from libs.database import Session
from libs.database.locks import Lock
from services.auth.keys.models import SigningKey, State


class SigningKeys:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def lock(self) -> None:
        """Let one transaction at a time change the keys; the others wait."""
        await self._session.execute(select(func.pg_advisory_xact_lock(Lock.SIGNING_KEYS)))

    async def live(self) -> list[SigningKey]:
        """Those whose tokens are believed, the newest first."""
        query = select(SigningKey).where(SigningKey.state == State.LIVE).order_by(SigningKey.activates_at.desc())
        return list(await self._session.scalars(query))

    async def add(self, key: SigningKey) -> None:
        """Add a key; `arrange` must follow."""
        self._session.add(key)
        await self._session.flush()

    async def arrange(self) -> None:
        """Let each live key retire when the next one begins to sign, and the last one never."""
        following = func.lead(SigningKey.activates_at).over(order_by=SigningKey.activates_at)
        order = select(SigningKey.kid, following.label("at")).where(SigningKey.state == State.LIVE).subquery()
        await self._session.execute(
            update(SigningKey)
            .where(SigningKey.kid == order.c.kid, SigningKey.retires_at.is_distinct_from(order.c.at))
            .values(retires_at=order.c.at)
            .execution_options(synchronize_session=False)
        )

    async def withdraw(self, kid: str, now: datetime) -> bool:
        """Believe no token of this key any more; False where there is no such live key."""
        is_it = SigningKey.kid == kid, SigningKey.state == State.LIVE
        withdrawn = update(SigningKey).where(*is_it).values(state=State.WITHDRAWN, retires_at=now)
        return await self._session.scalar(withdrawn.returning(SigningKey.kid)) is not None

    async def forget(self, retired_before: datetime) -> list[str]:
        """Delete the keys whose last token has expired; answers their ids."""
        forgotten = delete(SigningKey).where(SigningKey.retires_at < retired_before).returning(SigningKey.kid)
        return list(await self._session.scalars(forgotten))
