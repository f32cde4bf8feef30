"""Which people a caller sees, and what of them: by their role's grants and by their credential's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orrery.auth.v1 import users_pb2 as pb
from orrery.auth.v1.organizations_pb2 import Member
from orrery.identity.v1.identity_pb2 import Identity
from sqlalchemy import ColumnElement, and_, false, or_, true

from libs.database.listing import Column
from libs.rpc.grants import Conditions, conditions
from libs.rpc.scopes import READ
from services.auth.members.repository import Person
from services.auth.organizations.standing import Standing

USERS = "users"
COLUMNS: Mapping[str, Column] = {
    "id": Person.id,
    "username": Person.username,
    "email": Person.email,
    "firstName": Person.first_name,
    "lastName": Person.last_name,
    "role": Person.role,
    "status": Person.status,
    "emailVerified": Person.is_verified,
    "twoFactorEnabled": Person.has_second_factor,
    "createdAt": Person.created_at,
}
ALWAYS = frozenset({"id", "userId", "organizationId", "version"})
EVERY_FIELD, EVERY_FIELD_OF_MEMBERS = (
    frozenset(field.json_name for field in one.DESCRIPTOR.fields) for one in (pb.User, Member)
)
FILTERABLE = ("role", "status", "username", "emailVerified", "twoFactorEnabled", "email", "firstName", "lastName")


@dataclass(frozen=True, slots=True)
class View:
    """All of `limits` must hold; of each, one of its conditions."""

    limits: tuple[tuple[Conditions, ...], ...]
    every: frozenset[str] = EVERY_FIELD

    @classmethod
    def of(cls, standing: Standing, resource: str = USERS, action: str = READ) -> "View":
        """What role and credential leave to see of users, or of members; or to change."""
        by_role = Identity(grants=standing.grants or ())
        limits = tuple(tuple(conditions(one, resource, action)) for one in (by_role, standing.identity))
        return cls(limits, EVERY_FIELD if resource == USERS else EVERY_FIELD_OF_MEMBERS)

    def rows(self) -> ColumnElement[bool]:
        """The people that may be seen."""
        return and_(*(or_(false(), *(matching(one) for one in limit)) for limit in self.limits))

    def shows(self, person: Person) -> bool:
        """Whether this is one of them."""
        return all(any(meets(one, person) for one in limit) for limit in self.limits)

    @property
    def columns(self) -> dict[str, Column]:
        """What lists of users may be filtered by."""
        return {name: column for name, column in COLUMNS.items() if name in self.named}

    @property
    def named(self) -> frozenset[str]:
        """What everybody shows: a filter by another field would find out what an answer does not show."""
        return self.every.intersection(*(common(limit, self.every) for limit in self.limits)) | ALWAYS

    def fields(self, person: Person) -> frozenset[str]:
        """What may be seen of one of them."""
        return self.every.intersection(*(united(limit, person, self.every) for limit in self.limits)) | ALWAYS


def matching(one: Conditions) -> ColumnElement[bool]:
    """The rows that meet the condition; none where it names what people do not have."""
    named = one.filters.items()
    if not all(name in FILTERABLE and fits(COLUMNS[name], value) for name, value in named):
        return false()
    return and_(true(), *(COLUMNS[name] == value for name, value in named))


def fits(column: Column, value: Any) -> bool:
    """Whether PostgreSQL can compare them."""
    return type(value) is column.type.python_type


def common(limit: Iterable[Conditions], every: frozenset[str]) -> frozenset[str]:
    """The fields that all conditions show."""
    return every.intersection(*(one.fields for one in limit if one.fields is not None))


def united(limit: Iterable[Conditions], person: Person, every: frozenset[str]) -> frozenset[str]:
    """The fields that the conditions which the person meets show together."""
    met = [one for one in limit if meets(one, person)]
    return frozenset().union(*(every if one.fields is None else one.fields for one in met))


def meets(one: Conditions, person: Person) -> bool:
    if not set(one.filters) <= set(FILTERABLE):
        return False
    return all(getattr(person, COLUMNS[name].key) == value for name, value in one.filters.items())
