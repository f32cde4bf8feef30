"""Every SELECT of OAuth clients and consents."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import delete, func, select, text

from libs.database import Listing, Session, Tenant
from services.auth.oauth_clients.errors import AuthorizedAppNotFound, OauthClientNotFound
from services.auth.oauth_clients.models import Consent, OAuthClient
from services.auth.organizations.models import Organization, Status

CLIENTS = Listing(
    columns={
        "clientId": OAuthClient.id,
        "name": OAuthClient.name,
        "isPublic": OAuthClient.is_public,
        "createdAt": OAuthClient.created_at,
        "updatedAt": OAuthClient.updated_at,
    },
    sortable=("createdAt", "updatedAt", "name"),
    order="-createdAt",
    key="clientId",
    searchable=("name",),
)
CONSENTS = Listing(
    columns={"clientId": Consent.client_id, "createdAt": Consent.created_at, "updatedAt": Consent.updated_at},
    sortable=("createdAt", "updatedAt"),
    order="-createdAt",
    key="clientId",
)


GIVE = text("""
INSERT INTO oauth_consent (client_id, user_id, organization_id, scopes)
VALUES (:client_id, :user_id, :organization_id, :scopes)
ON CONFLICT (client_id, user_id) DO UPDATE
SET updated_at = now(), organization_id = excluded.organization_id, scopes = ARRAY(
    SELECT DISTINCT scope FROM unnest(oauth_consent.scopes || excluded.scopes) AS scope ORDER BY scope
)
""")


@dataclass(frozen=True, slots=True)
class Known:
    """A client that may act: it is registered and its organization is active."""

    client: OAuthClient
    publisher: str  # its organization's name

    @property
    def owner(self) -> Tenant:
        """Its organization, as who acts in events that are no person's."""
        return Tenant(organization_id=str(self.client.organization_id))

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.client.scopes)


class Given(NamedTuple):
    """What a person has allowed an app; for no organization where that is nothing."""

    scopes: frozenset[str]
    organization_id: UUID | None


NOTHING = Given(frozenset(), None)


class Shown(NamedTuple):
    """What people are told of an app."""

    name: str
    publisher: str


class Clients:
    """Those of one organization, and by `known` any."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, client: OAuthClient) -> OAuthClient:
        self._session.add(client)
        await self._session.flush()
        await self._session.refresh(client)
        return client

    async def get(self, organization_id: str, client_id: str, *, lock: bool = False) -> OAuthClient:
        """Raises OauthClientNotFound, of another organization's client too."""
        found = await self._session.get(OAuthClient, as_uuid(client_id), with_for_update=lock or None)
        if found is None or str(found.organization_id) != organization_id:
            raise OauthClientNotFound
        return found

    async def page(self, organization_id: str, query: ListQuery) -> tuple[list[OAuthClient], Pagination]:
        own = select(OAuthClient).where(OAuthClient.organization_id == UUID(organization_id))
        return await CLIENTS.page(self._session, own, query)

    async def count(self, organization_id: str) -> int:
        own = select(func.count()).where(OAuthClient.organization_id == UUID(organization_id))
        return await self._session.scalar(own) or 0

    async def known(self, client_id: str) -> Known | None:
        """A client of whatever organization, for the service itself; None where it may not act."""
        query = (
            select(OAuthClient, Organization.name)
            .join(Organization, Organization.id == OAuthClient.organization_id)
            .where(OAuthClient.id == as_uuid(client_id), Organization.status == Status.ACTIVE)
        )
        found = (await self._session.execute(query)).first()
        return Known(*found) if found else None

    async def shown(self, client_ids: list[UUID]) -> dict[UUID, Shown]:
        """Names of clients of whatever organization, for the service itself."""
        query = (
            select(OAuthClient.id, OAuthClient.name, Organization.name)
            .join(Organization, Organization.id == OAuthClient.organization_id)
            .where(OAuthClient.id.in_(client_ids))
        )
        return {client_id: Shown(*names) for client_id, *names in (await self._session.execute(query)).all()}


class Consents:
    """What one person has allowed."""

    def __init__(self, session: Session, user_id: int) -> None:
        self._session, self._user_id = session, user_id

    async def given(self, client_id: UUID) -> Given:
        """What the app was allowed so far, and for which organization."""
        own = Consent.client_id == client_id, Consent.user_id == self._user_id
        found = (await self._session.execute(select(Consent.scopes, Consent.organization_id).where(*own))).first()
        return Given(frozenset(found[0]), found[1]) if found else NOTHING

    async def give(self, client_id: UUID, organization_id: UUID, scopes: list[str]) -> None:
        """Allow this too; of two pages that were answered at once the scopes of both count."""
        values = {
            "client_id": client_id,
            "user_id": self._user_id,
            "organization_id": organization_id,
            "scopes": scopes,
        }
        await self._session.execute(GIVE, values)

    async def page(self, query: ListQuery) -> tuple[list[Consent], Pagination]:
        return await CONSENTS.page(self._session, select(Consent).where(Consent.user_id == self._user_id), query)

    async def withdraw(self, client_id: str) -> UUID:
        """Raises AuthorizedAppNotFound."""
        own = Consent.client_id == as_uuid(client_id), Consent.user_id == self._user_id
        found: UUID | None = await self._session.scalar(delete(Consent).where(*own).returning(Consent.client_id))
        if found is None:
            raise AuthorizedAppNotFound
        return found


def as_uuid(text: str) -> UUID:
    """The id; one that no client has where the text is none in its one spelling."""
    try:
        found = UUID(text)
    except ValueError:
        return UUID(int=0)
    return found if str(found) == text else UUID(int=0)
