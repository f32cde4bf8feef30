"""Every SELECT of mails, and the UPDATEs that end them."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update

from libs.database import Session
from services.auth.mails.models import Mail, State

LISTED = 100


class Mails:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, mail_id: UUID, recipient: str, template: str, language: str, values: Mapping[str, str]) -> None:
        """Whoever may not read mails may add one: the row is not read back."""
        row = {"id": mail_id, "recipient": recipient, "template": template, "language": language}
        await self._session.execute(insert(Mail.__table__).values(content=dict(values), **row))  # type: ignore[arg-type]  # a Table

    async def waiting(self, mail_id: UUID) -> Mail | None:
        """The mail, while it was not sent."""
        return await self._session.scalar(select(Mail).where(Mail.id == mail_id, Mail.status == State.WAITING))

    async def end(
        self, mail_id: UUID, state: State, *, content: Mapping[str, str] | None = None, failure: str | None = None
    ) -> None:
        """Say what became of a mail that waits."""
        waits = update(Mail).where(Mail.id == mail_id, Mail.status == State.WAITING)
        kept = dict(content) if content is not None else None
        await self._session.execute(waits.values(status=state, content=kept, failure=failure, ended_at=func.now()))

    async def kept(self, recipient: str | None) -> list[Mail]:
        """The newest that were kept, to an address alone where one is given."""
        query = select(Mail).where(Mail.status == State.KEPT).order_by(Mail.created_at.desc(), Mail.id).limit(LISTED)
        return list(await self._session.scalars(query.where(Mail.recipient == recipient) if recipient else query))

    async def kept_one(self, mail_id: UUID) -> Mail | None:
        return await self._session.scalar(select(Mail).where(Mail.id == mail_id, Mail.status == State.KEPT))

    async def forget(self, after: timedelta, most: int) -> int:
        """Delete at most so many that are so old and wait no more; answers how many."""
        old = select(Mail.id).where(Mail.created_at < func.now() - after, Mail.status != State.WAITING).limit(most)
        deleted = await self._session.execute(delete(Mail).where(Mail.id.in_(old)).returning(literal(1)))
        return len(deleted.all())
