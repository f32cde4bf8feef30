"""Every SELECT of invitations, and the conditional UPDATEs that decide their races."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Mapped

from libs.database import Listing, Model, Session
from services.auth.accounts.models import Account
from services.auth.conflicts import conflicts
from services.auth.invitations.errors import InvitationNotFound, InvitationOpen
from services.auth.invitations.models import Invitation
from services.auth.organizations.models import Member, Organization, Status

PENDING, ACCEPTED, REVOKED, EXPIRED = "pending", "accepted", "revoked", "expired"
STATE = case(
    (Invitation.accepted_at.is_not(None), ACCEPTED),
    (Invitation.revoked_at.is_not(None), REVOKED),
    (Invitation.expires_at <= func.now(), EXPIRED),
    else_=PENDING,
)
IS_UNUSED = Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
IS_OPEN = *IS_UNUSED, Invitation.expires_at > func.now()
TOUCHED = {"version": Invitation.version + 1, "updated_at": func.now()}
ROWS = (
    select(Invitation, STATE.label("state"), Account.id.label("inviter"))
    .outerjoin(Account, Account.user_id == Invitation.invited_by)
    .subquery("shown_invitation")
)


class ShownInvitation(Model):
    """An invitation with its state and the UUID of whoever invited, to read alone."""

    __table__ = ROWS
    __mapper_args__ = {"primary_key": [ROWS.c.id]}  # noqa: RUF012  # SQLAlchemy's own way

    if TYPE_CHECKING:  # the mapping is the query above
        id: Mapped[UUID]
        organization_id: Mapped[UUID]
        email: Mapped[str]
        role: Mapped[str]
        state: Mapped[str]
        inviter: Mapped[UUID | None]
        expires_at: Mapped[datetime]
        accepted_at: Mapped[datetime | None]
        created_at: Mapped[datetime]
        version: Mapped[int]


LISTING = Listing(
    columns={
        "id": ShownInvitation.id,
        "email": ShownInvitation.email,
        "role": ShownInvitation.role,
        "status": ShownInvitation.state,
        "createdAt": ShownInvitation.created_at,
        "expiresAt": ShownInvitation.expires_at,
    },
    sortable=("createdAt", "expiresAt", "email"),
    order="-createdAt",
    key="id",
    searchable=("email",),
)


@dataclass(frozen=True, slots=True)
class Found:
    """An open invitation that a token was made for."""

    id: UUID
    organization_id: UUID
    email: str
    role: str


async def open_one(session: Session, token_hash: bytes) -> Found | None:
    """The open invitation of a token, of an organization that may act; for all tenants."""
    query = (
        select(Invitation.id, Invitation.organization_id, Invitation.email, Invitation.role)
        .join(Organization, Organization.id == Invitation.organization_id)
        .where(Invitation.token_hash == token_hash, *IS_OPEN, Organization.status == Status.ACTIVE)
    )
    found = (await session.execute(query)).first()
    return Found(*found) if found else None


async def spend(session: Session, invitation_id: UUID, user_id: int) -> str | None:
    """Accept an invitation: its role, as it is called now. However many try at once, the UPDATE lets one through."""
    spent = update(Invitation).where(Invitation.id == invitation_id, *IS_OPEN)
    spent = spent.values(accepted_at=func.now(), accepted_by=user_id, **TOUCHED)
    return await session.scalar(spent.returning(Invitation.role))


class Invitations:
    """The invitations of one organization."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        self._session, self._organization_id = session, organization_id

    async def page(self, query: ListQuery) -> tuple[list[ShownInvitation], Pagination]:
        rows = select(ShownInvitation).where(ShownInvitation.organization_id == self._organization_id)
        return await LISTING.page(self._session, rows, query)

    async def shown(self, invitation_id: UUID) -> ShownInvitation:
        """Raises InvitationNotFound."""
        query = select(ShownInvitation).where(
            ShownInvitation.organization_id == self._organization_id, ShownInvitation.id == invitation_id
        )
        found = await self._session.scalar(query.execution_options(populate_existing=True))
        if found is None:
            raise InvitationNotFound
        return found

    async def add(self, invitation: Invitation, lifetime: timedelta) -> None:
        """Raises InvitationOpen."""
        invitation.expires_at = func.now() + lifetime
        self._session.add(invitation)
        with conflicts({"ix_organization_invitation_open": InvitationOpen}):
            await self._session.flush()

    async def end_expired(self, email: str) -> None:
        """Withdraw the address's invitation if it has expired: only one can be open."""
        is_over = Invitation.organization_id == self._organization_id, Invitation.email == email, *IS_UNUSED
        ended = update(Invitation).where(*is_over, Invitation.expires_at <= func.now())
        await self._session.execute(ended.values(revoked_at=func.now(), **TOUCHED))

    async def revoke(self, invitation_id: UUID, seen: int | None) -> bool:
        """Withdraw one that nobody has accepted; False where there is none, or it has another version than was seen."""
        revoked = update(Invitation).where(
            Invitation.organization_id == self._organization_id, Invitation.id == invitation_id, *IS_UNUSED
        )
        if seen is not None:
            revoked = revoked.where(Invitation.version == seen)
        revoked = revoked.values(revoked_at=func.now(), **TOUCHED)
        return await self._session.scalar(revoked.returning(Invitation.id)) is not None

    async def revoke_of(self, user_id: int) -> list[UUID]:
        """Withdraw the open ones that somebody made; which."""
        theirs = Invitation.organization_id == self._organization_id, Invitation.invited_by == user_id, *IS_OPEN
        revoked = update(Invitation).where(*theirs).values(revoked_at=func.now(), **TOUCHED)
        return list(await self._session.scalars(revoked.returning(Invitation.id)))

    async def count(self, span: timedelta) -> int:
        """Those that are open, and those that were made within the span."""
        is_recent = or_(and_(*IS_OPEN), Invitation.created_at > func.now() - span)
        rows = select(func.count()).where(Invitation.organization_id == self._organization_id, is_recent)
        return (await self._session.scalar(rows)) or 0

    async def has_open(self, role: str) -> bool:
        """Whether an open invitation names the role."""
        is_named = Invitation.organization_id == self._organization_id, Invitation.role == role
        return await self._session.scalar(select(Invitation.id).where(*is_named, *IS_OPEN).limit(1)) is not None

    async def is_member(self, email: str) -> bool:
        """Whether the address is a member's."""
        rows = select(Member.user_id).join(Account, Account.user_id == Member.user_id)
        theirs = rows.where(Member.organization_id == self._organization_id, Account.email == email)
        return await self._session.scalar(theirs.limit(1)) is not None
