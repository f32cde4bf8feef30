"""Every SELECT of API keys."""

from collections.abc import Iterable
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONPATH, insert

from libs.database import Listing, Session
from services.auth.accounts.models import Account
from services.auth.api_keys.errors import ApiKeyNotFound
from services.auth.api_keys.models import ApiKey, Kind
from services.auth.api_keys.permissions import PERSONAL
from services.auth.organizations.models import Member, Organization, Status

LISTING = Listing(
    columns={
        "id": ApiKey.id,
        "name": ApiKey.name,
        "keyPrefix": ApiKey.key_prefix,
        "lastFour": ApiKey.last_four,
        "kind": ApiKey.kind,
        "isActive": ApiKey.is_active,
        "createdAt": ApiKey.created_at,
        "expiresAt": ApiKey.expires_at,
        "lastUsedAt": ApiKey.last_used_at,
    },
    sortable=("createdAt", "name"),
    order="-createdAt",
    key="id",
    searchable=("name", "keyPrefix", "lastFour"),
)


IMPERSONAL = func.jsonb_path_query_array(
    ApiKey.permissions, literal(f'$[*] ? (@.resource != "{PERSONAL}")').cast(JSONPATH)
)
"""A key's permissions without what it may do to the profile of the person that it acts for."""


async def role_in(session: Session, user_id: int, organization_id: UUID) -> str | None:
    """The person's role in an organization that may act; None where there is none."""
    membership = (
        select(Member.role)
        .join(Organization, Organization.id == Member.organization_id)
        .where(Member.user_id == user_id, Member.organization_id == organization_id)
        .where(Organization.status == Status.ACTIVE)
    )
    return await session.scalar(membership)


class ApiKeys:
    """Those of one organization."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        self._session, self._organization_id = session, organization_id
        self._own = ApiKey.organization_id == organization_id

    async def page(self, query: ListQuery) -> tuple[list[ApiKey], Pagination]:
        return await LISTING.page(self._session, select(ApiKey).where(self._own), query)

    async def get(self, key_id: str, *, lock: bool = False) -> ApiKey:
        """Raises ApiKeyNotFound."""
        try:
            wanted = select(ApiKey).where(self._own, ApiKey.id == UUID(key_id))
        except ValueError:
            raise ApiKeyNotFound from None
        found = await self._session.scalar(wanted.with_for_update() if lock else wanted)
        if found is None:
            raise ApiKeyNotFound
        return found

    async def add(self, key: ApiKey) -> None:
        self._session.add(key)
        await self._session.flush()
        await self._session.refresh(key)

    async def add_widget(self, key: ApiKey) -> bool:
        """Add the organization's widget key; False where it has one already."""
        columns = ("id", "organization_id", "name", "key_prefix", "kind", "created_by", "hashed_key", "last_four")
        row = {name: getattr(key, name) for name in (*columns, "sealed_key")}
        added = insert(ApiKey).values(row).on_conflict_do_nothing().returning(ApiKey.id)
        return await self._session.scalar(added) is not None

    async def widget(self) -> ApiKey | None:
        """The widget key that is not revoked."""
        is_it = self._own, ApiKey.kind == Kind.WIDGET, ApiKey.revoked_at.is_(None)
        return await self._session.scalar(select(ApiKey).where(*is_it))

    async def live(self) -> int:
        """How many are not revoked; counted by one transaction at a time."""
        whole = select(Organization.id).where(Organization.id == self._organization_id)
        await self._session.execute(whole.with_for_update(key_share=True))
        kept = select(func.count()).select_from(ApiKey).where(self._own, ApiKey.revoked_at.is_(None))
        return int(await self._session.scalar(kept) or 0)

    async def hand_over(self, from_user: int, to_user: int) -> list[UUID]:
        """Let another member's name stand under the keys that are not revoked, but give none their profile; the ids."""
        handed = (
            update(ApiKey)
            .where(self._own, ApiKey.created_by == from_user, ApiKey.revoked_at.is_(None))
            .values(created_by=to_user, version=ApiKey.version + 1, permissions=IMPERSONAL)
            .returning(ApiKey.id)
            .execution_options(synchronize_session=False)
        )
        return list(await self._session.scalars(handed))

    async def creators(self, keys: Iterable[ApiKey]) -> dict[int, UUID]:
        """The UUIDs of the accounts in whose names keys act, as far as they are still members."""
        wanted = {key.created_by for key in keys if key.created_by}
        rows = await self._session.execute(select(Account.user_id, Account.id).where(Account.user_id.in_(wanted)))
        return {row.user_id: row.id for row in rows}
