"""Every SELECT of API tokens, and the conditional UPDATEs that decide their races."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update

from libs.database import Session
from libs.rpc.credentials import hashed
from services.auth.api_tokens.models import ApiToken

TYPE = "api"


async def forget(session: Session, after: timedelta, most: int) -> int:
    """Delete at most so many that expired that long ago; answers how many."""
    expired = select(ApiToken.token_id).where(ApiToken.expires_at < func.now() - after).limit(most)
    deleted = delete(ApiToken).where(ApiToken.token_id.in_(expired)).returning(ApiToken.token_id)
    return len((await session.execute(deleted)).all())


class ApiTokens:
    """Those of one person."""

    def __init__(self, session: Session, user_id: int) -> None:
        self._session, self._user_id = session, user_id

    async def add(self, value: str, scopes: list[str], organization_id: UUID, lifetime: timedelta) -> ApiToken:
        """Keep the hash of a new value."""
        made = ApiToken(
            user_id=self._user_id,
            token=hashed(value).hex(),
            token_type=TYPE,
            scope=scopes,
            organization_id=organization_id,
            expires_at=func.now() + lifetime,
        )
        self._session.add(made)
        await self._session.flush()
        await self._session.refresh(made)
        return made

    async def live(self) -> int:
        """How many are good now."""
        is_live = ApiToken.revoked.is_(False), ApiToken.expires_at > func.now()
        mine = select(func.count()).where(ApiToken.user_id == self._user_id, *is_live)
        return int(await self._session.scalar(mine) or 0)

    async def page(self, limit: int, offset: int) -> list[ApiToken]:
        """The newest first."""
        mine = select(ApiToken).where(ApiToken.user_id == self._user_id).order_by(ApiToken.token_id.desc())
        return list(await self._session.scalars(mine.limit(limit).offset(offset)))

    async def has(self, token_id: int) -> bool:
        mine = select(ApiToken.token_id).where(ApiToken.token_id == token_id, ApiToken.user_id == self._user_id)
        return await self._session.scalar(mine) is not None

    async def revoke(self, token_id: int) -> bool:
        """End it; False where it has ended before or is none."""
        return bool(await self._revoked(ApiToken.token_id == token_id))

    async def revoke_in(self, organization_id: UUID) -> list[int]:
        """End those that act in an organization; their ids."""
        return await self._revoked(ApiToken.organization_id == organization_id)

    async def _revoked(self, which: ColumnElement[bool]) -> list[int]:
        ended = (
            update(ApiToken)
            .where(ApiToken.user_id == self._user_id, ApiToken.revoked.is_(False), which)
            .values(revoked=True, revoked_at=func.now())
            .returning(ApiToken.token_id)
            .execution_options(synchronize_session=False)
        )
        return list(await self._session.scalars(ended))
