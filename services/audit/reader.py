"""Whose rows a caller sees: an ADMIN the organization's, everybody else their own."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from orrery.identity.v1.identity_pb2 import Identity
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from services.audit.errors import OrganizationMissing

SEES_ALL = "ADMIN"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a log."""

    organization_id: UUID
    user_id: int
    sees_all: bool

    @classmethod
    def of(cls, identity: Identity) -> Self:
        """The caller as a reader; raises OrganizationMissing."""
        if not identity.organization_id:
            raise OrganizationMissing
        return cls(UUID(identity.organization_id), identity.user_id, SEES_ALL in identity.roles)

    def limits(
        self, organization_id: InstrumentedAttribute[Any], user_id: InstrumentedAttribute[Any]
    ) -> list[ColumnElement[bool]]:
        """The conditions that a log's rows must meet."""
        of_organization = organization_id == self.organization_id
        return [of_organization] if self.sees_all else [of_organization, user_id == self.user_id]
