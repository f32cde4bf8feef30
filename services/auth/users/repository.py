"""Every SELECT of users, and the writes of their profiles."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from orrery.types.v1.types_pb2 import ListQuery, Pagination
from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from libs.database import Listing, Session
from services.auth.accounts.models import Account
from services.auth.members.repository import Person
from services.auth.users.errors import UserNotFound
from services.auth.users.models import Profile
from services.auth.users.visibility import View

PROFILE = cast("Table", Profile.__table__)
SORTABLE = ("createdAt", "username", "email", "role")
SEARCHABLE = ("username", "email", "firstName", "lastName")


class Users:
    """The people of one organization."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        self._session, self._organization_id = session, organization_id

    async def page(self, view: View, query: ListQuery) -> tuple[list[Person], Pagination]:
        columns = view.columns
        listing = Listing(
            columns={**columns, "id": Person.id, "createdAt": Person.created_at},
            sortable=tuple(name for name in SORTABLE if name in columns or name == "createdAt"),
            order="createdAt",
            key="id",
            searchable=tuple(name for name in SEARCHABLE if name in columns),
        )
        rows = select(Person).where(Person.organization_id == self._organization_id, view.rows())
        return await listing.page(self._session, rows, query)

    async def seen(self, view: View, account_id: str) -> Person:
        """By the account's UUID; raises UserNotFound, of whom the view hides too."""
        query = select(Person).where(
            Person.organization_id == self._organization_id, Person.id == identified(account_id)
        )
        return found(await self._session.scalar(query.where(view.rows())))

    async def get(self, user_id: int) -> Person:
        """Raises UserNotFound."""
        query = select(Person).where(Person.organization_id == self._organization_id, Person.user_id == user_id)
        return found(await self._session.scalar(query.execution_options(populate_existing=True)))


class Profiles:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def lock(self, user_id: int) -> None:
        """Nobody else changes the person's profile until the transaction ends; there is one from now on."""
        await self._session.execute(insert(PROFILE).values(user_id=user_id, version=0).on_conflict_do_nothing())
        await self._session.execute(select(Profile.version).where(Profile.user_id == user_id).with_for_update())

    async def write(self, user_id: int, values: Mapping[str, Any]) -> None:
        """Change a locked profile, by the columns' names."""
        touched = {**values, "version": Profile.version + 1, "updated_at": func.now()}
        await self._session.execute(update(PROFILE).where(PROFILE.c.user_id == user_id).values(touched))

    async def account(self, user_id: int) -> Account:
        """Any account, locked; raises UserNotFound."""
        account = await self._session.get(Account, user_id, with_for_update=True)
        if account is None:
            raise UserNotFound
        return account


async def anywhere(session: Session, account_id: str, preferred: UUID) -> Person:
    """Anybody, as a member of this organization or else of their oldest; raises UserNotFound."""
    query = select(Person).where(Person.id == identified(account_id))
    ordered = query.order_by((Person.organization_id == preferred).desc(), Person.joined_at).limit(1)
    return found(await session.scalar(ordered.execution_options(populate_existing=True)))


def found(person: Person | None) -> Person:
    if person is None:
        raise UserNotFound
    return person


def identified(text: str) -> UUID:
    """The id of an account; raises UserNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise UserNotFound from None
