"""Organizations as protos."""

from uuid import UUID

from orrery.auth.v1 import organizations_pb2 as pb

from services.auth.moments import rfc3339
from services.auth.organizations.models import Organization
from services.auth.organizations.settings import OrganizationSettings


def organization(one: Organization, role: str, owner: UUID | None, *, with_settings: bool) -> pb.Organization:
    """As a member in this role sees it."""
    made = pb.Organization(
        id=str(one.id),
        name=one.name,
        slug=one.slug,
        domain=one.domain,
        plan=one.plan,
        status=one.status,
        is_personal=one.is_personal,
        owner_id=str(owner) if owner else None,
        role=role or None,
        created_at=rfc3339(one.created_at),
        updated_at=rfc3339(one.updated_at),
        version=one.version,
    )
    if with_settings:
        made.settings.CopyFrom(settings(one))
    return made


def settings(one: Organization) -> pb.OrganizationSettings:
    return OrganizationSettings.of(one.settings).to_proto(one.version)
