"""Every SELECT of deletions and exports."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.organizations.models import Member, Organization
from services.auth.privacy.models import Erasure, ErasureState, ExportState, PersonalExport
from services.auth.sessions.models import UserSession

# Tables whose rows are a person's, by the one name that this column has everywhere; kept ones hold what law wants kept.
OWNED = text("""
SELECT c.table_name, c.is_nullable = 'YES' FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = current_schema() AND c.column_name = 'user_id' AND t.table_type = 'BASE TABLE'
  AND c.table_name NOT IN ('user_account', 'erasure', 'payment_auth_log', 'outbox')
ORDER BY c.table_name
""")
# Who joined after the deletion was asked for still belongs to something that its owner leaves.
HEIR = """
SELECT m.user_id FROM organization_member m
WHERE m.organization_id = o.id AND m.user_id <> :user_id ORDER BY m.role <> 'ADMIN', m.created_at, m.user_id LIMIT 1
"""
HEIRS = text(f"""
UPDATE organization_member AS heir SET role = 'ADMIN', version = heir.version + 1, updated_at = now()
FROM organization o WHERE o.owner_id = :user_id AND o.status <> 'deleted' AND heir.organization_id = o.id
AND heir.user_id = ({HEIR}) AND heir.role <> 'ADMIN'
""")  # noqa: S608  # the text above
BEQUEATH = text(f"""
UPDATE organization o SET owner_id = ({HEIR}), version = o.version + 1, updated_at = now()
WHERE o.owner_id = :user_id AND o.status <> 'deleted'
""")  # noqa: S608  # the text above
SHOWN = text("""
SELECT table_name, array_agg(column_name::text) FILTER (
    WHERE data_type = 'bytea' OR column_name ~ '(^|_)(hash|secret|token|codes|challenge|verifier|nonce)$'
) FROM information_schema.columns c
WHERE table_schema = current_schema() AND table_name <> 'outbox' AND EXISTS (
    SELECT FROM information_schema.columns o
    WHERE o.table_schema = c.table_schema AND o.table_name = c.table_name AND o.column_name = 'user_id'
) GROUP BY table_name ORDER BY table_name
""")


class Erasures:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def signed_in_within(self, session_id: UUID, span: timedelta) -> bool:
        """Whether the session began so lately."""
        recent = select(UserSession.id).where(UserSession.id == session_id, UserSession.created_at > func.now() - span)
        return await self._session.scalar(recent) is not None

    async def account(self, user_id: int) -> Account | None:
        """The account, locked."""
        return await self._session.get(Account, user_id, with_for_update=True)

    async def owned_with_others(self, user_id: int) -> list[str]:
        """The names of the organizations that the person owns and others belong to."""
        others = select(Member.user_id).where(Member.organization_id == Organization.id, Member.user_id != user_id)
        owned = select(Organization.name).where(
            Organization.owner_id == user_id, Organization.status != "deleted", others.exists()
        )
        return list(await self._session.scalars(owned.order_by(Organization.name)))

    async def schedule(self, user_id: int, token_hash: bytes, after: timedelta) -> Erasure:
        """Schedule it, or schedule it anew where it was taken back before."""
        values = {"state": ErasureState.SCHEDULED, "token_hash": token_hash, "erases_at": func.now() + after}
        again = {**values, "requested_at": func.now(), "ended_at": None}
        scheduled = insert(Erasure).values(user_id=user_id, **values)
        replaced = scheduled.on_conflict_do_update(index_elements=["user_id"], set_=again).returning(Erasure)
        return (await self._session.scalars(replaced, execution_options={"populate_existing": True})).one()

    async def end(self, user_id: int, *states: ErasureState, by: ErasureState) -> bool:
        """Move it from one of the states to its end; False where it is in another."""
        found = update(Erasure).where(Erasure.user_id == user_id, Erasure.state.in_(states))
        return (
            await self._session.scalar(found.values(state=by, ended_at=func.now()).returning(Erasure.user_id))
            is not None
        )

    async def restored(self, token_hash: bytes) -> int | None:
        """Take the token's deletion back; the person's user_id, None where it is too late or there is none."""
        found = update(Erasure).where(
            Erasure.token_hash == token_hash,
            Erasure.state == ErasureState.SCHEDULED,
            Erasure.erases_at > func.now(),
        )
        ended = found.values(state=ErasureState.RESTORED, ended_at=func.now()).returning(Erasure.user_id)
        return await self._session.scalar(ended)

    async def forbid(self, user_id: int) -> None:
        """Let it not be taken back."""
        found = update(Erasure).where(Erasure.user_id == user_id, Erasure.state == ErasureState.SCHEDULED)
        await self._session.execute(found.values(state=ErasureState.FORBIDDEN))

    async def end_organizations(self, user_id: int) -> list[UUID]:
        """End those that the person is alone in, and forget their names; answers which."""
        others = select(Member.user_id).where(Member.organization_id == Organization.id, Member.user_id != user_id)
        theirs = select(Member.organization_id).where(Member.user_id == user_id)
        ended = (
            update(Organization)
            .where(Organization.id.in_(theirs), ~others.exists())
            .values(
                status="deleted",
                name="deleted",
                slug=func.concat("deleted-", Organization.id),
                domain=None,
                settings={},
            )
            .returning(Organization.id)
            .execution_options(synchronize_session=False)
        )
        return list(await self._session.scalars(ended))

    async def bequeath(self, user_id: int) -> list[tuple[UUID, int]]:
        """Give what the person owns and others belong to, to its oldest ADMIN, or else its oldest member.

        Answers (organization, owner) of each organization that the person belonged to and that goes on.
        """
        await self._session.execute(HEIRS, {"user_id": user_id})
        await self._session.execute(BEQUEATH, {"user_id": user_id})
        theirs = select(Member.organization_id).where(Member.user_id == user_id)
        left = select(Organization.id, Organization.owner_id).where(
            Organization.id.in_(theirs), Organization.status != "deleted", Organization.owner_id.is_not(None)
        )
        return [(row.id, row.owner_id) for row in await self._session.execute(left)]

    async def forget_address(self, email: str) -> None:
        """Delete what was written to the address, and who else's invitations name it."""
        for table, column in (("mail", "recipient"), ("organization_invitation", "email")):
            statement = text(f"DELETE FROM {table} WHERE {column} = :email")  # noqa: S608  # both stand above
            await self._session.execute(statement, {"email": email})

    async def remove_rows(self, user_id: int) -> None:
        """Delete the person's rows of every table that has them."""
        for name, _ in (await self._session.execute(OWNED)).all():
            statement = text(f'DELETE FROM "{name}" WHERE user_id = :user_id')  # noqa: S608  # a name of the catalogue
            await self._session.execute(statement, {"user_id": user_id})
        kept = text("UPDATE payment_auth_log SET metadata = NULL WHERE user_id = :user_id")
        await self._session.execute(kept, {"user_id": user_id})

    async def rows_of(self, user_id: int) -> AsyncIterator[tuple[str, str]]:
        """(table, row as JSON) of all that is the person's, without secrets."""
        for name, hidden in (await self._session.execute(SHOWN)).all():
            statement = text(
                f'SELECT (to_jsonb(t) - CAST(:hidden AS text[]))::text FROM "{name}" t WHERE user_id = :user_id'  # noqa: S608  # as above
            )
            for (row,) in (await self._session.execute(statement, {"hidden": hidden or [], "user_id": user_id})).all():
                yield name, row


class Exports:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def pending(self, user_id: int) -> tuple[PersonalExport, bool]:
        """The export that is being made, or a new one; and whether it is new."""
        added = (
            insert(PersonalExport)
            .values(user_id=user_id)
            .on_conflict_do_nothing(index_elements=["user_id"], index_where=text("state = 'pending'"))
        )
        made = (await self._session.scalars(added.returning(PersonalExport))).first()
        if made:
            return made, True
        waiting = select(PersonalExport).where(
            PersonalExport.user_id == user_id, PersonalExport.state == ExportState.PENDING
        )
        return (await self._session.scalars(waiting)).one(), False

    async def get(self, export_id: UUID) -> PersonalExport | None:
        return await self._session.get(PersonalExport, export_id)

    async def end(
        self, export_id: UUID, state: ExportState, size: int | None = None, keep: timedelta | None = None
    ) -> bool:
        """Say how a pending one ended; False where it is not pending."""
        values = {"state": state, "size_bytes": size, "expires_at": func.now() + keep if keep else None}
        found = update(PersonalExport).where(
            PersonalExport.id == export_id, PersonalExport.state == ExportState.PENDING
        )
        return await self._session.scalar(found.values(**values).returning(PersonalExport.id)) is not None

    async def expired(self, most: int) -> list[PersonalExport]:
        """Those whose time is over, marked so."""
        over = select(PersonalExport.id).where(
            PersonalExport.state == ExportState.READY, PersonalExport.expires_at < func.now()
        )
        ended = update(PersonalExport).where(PersonalExport.id.in_(over.limit(most))).values(state=ExportState.EXPIRED)
        return list(await self._session.scalars(ended.returning(PersonalExport)))
