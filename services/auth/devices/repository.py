"""Every SELECT of devices."""

from collections.abc import Sequence
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import func, select, text, update

from libs.database import Listing, Session
from services.auth.sessions.models import UserSession
from services.auth.sessions.repository import is_going_on

LISTING = Listing(
    columns={
        "id": UserSession.id,
        "createdAt": UserSession.created_at,
        "lastAccessedAt": UserSession.last_seen_at,
        "userAgent": UserSession.user_agent,
        "organizationId": UserSession.organization_id,
    },
    sortable=("lastAccessedAt", "createdAt"),
    order="-lastAccessedAt",
    key="id",
    searchable=("userAgent",),
)


class Devices:
    """The sessions of one person that go on."""

    def __init__(self, session: Session, user_id: int) -> None:
        self._session = session
        self._live = UserSession.user_id == user_id, UserSession.revoked_at.is_(None), is_going_on()

    async def page(self, query: ListQuery) -> tuple[list[UserSession], Pagination]:
        return await LISTING.page(self._session, select(UserSession).where(*self._live), query)

    async def has(self, session_id: UUID) -> bool:
        query = select(UserSession.id).where(UserSession.id == session_id, *self._live)
        return await self._session.scalar(query) is not None


async def note_seen(session: Session, ids: Sequence[UUID]) -> None:
    """Those of these sessions that go on were used within the last minute or so."""
    seen = UserSession.id.in_(ids), UserSession.revoked_at.is_(None), is_going_on()
    is_news = UserSession.last_seen_at < func.now() - text("INTERVAL '30 seconds'")
    await session.execute(
        update(UserSession)
        .where(*seen, is_news)
        .values(last_seen_at=func.now())
        .execution_options(synchronize_session=False)
    )
