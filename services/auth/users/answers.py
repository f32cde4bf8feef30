"""People as protos."""

from collections.abc import Collection

from orrery.auth.v1 import users_pb2 as pb
from orrery.types.v1.types_pb2 import RawJson

from services.auth.members.repository import Person
from services.auth.moments import rfc3339
from services.auth.roles import permissions
from services.auth.users.visibility import EVERY_FIELD

NAMES = {field.json_name: field.name for field in pb.User.DESCRIPTOR.fields}


def user(one: Person, shown: Collection[str] = EVERY_FIELD) -> pb.User:
    """Of the person's fields those that are shown, by their public names."""
    permits = [permissions.to_proto(each) for each in one.permissions]
    made = pb.User(
        id=str(one.id),
        username=one.username,
        display_name=one.shown_name,
        email=one.email,
        first_name=one.first_name,
        last_name=one.last_name,
        avatar=one.avatar,
        organization_id=str(one.organization_id),
        role=pb.UserRole(
            id=str(one.role_id),
            name=one.role,
            description=one.role_description,
            is_system=one.has_system_role,
            permissions=permits,
        ),
        permissions=permits,
        status=one.status,
        email_verified=one.is_verified,
        two_factor_enabled=one.has_second_factor,
        last_login_at=rfc3339(one.last_login_at) if one.last_login_at else None,
        metadata=RawJson(json=(one.document or "{}").encode()),
        created_at=rfc3339(one.created_at),
        updated_at=rfc3339(one.updated_at),
        version=one.version,
    )
    for public, name in NAMES.items():
        if public not in shown:
            made.ClearField(name)  # type: ignore[arg-type]  # its names are literals to the stubs
    return made
