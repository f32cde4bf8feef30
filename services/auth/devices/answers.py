"""Sessions as protos."""

from datetime import datetime

from orrery.auth.v1 import devices_pb2 as pb
from orrery.identity.v1.identity_pb2 import Identity

from services.auth.devices.agents import device
from services.auth.moments import rfc3339
from services.auth.sessions.models import UserSession


def session(one: UserSession, caller: Identity) -> pb.Session:
    """One that goes on, as its person sees it from the session that asks."""
    return pb.Session(
        id=str(one.id),
        device_info=device_info(one.user_agent, caller.subject),
        ip_address=str(one.address or ""),
        user_agent=one.user_agent,
        is_active=True,
        is_current=str(one.id) == caller.session_id,
        expires_at=rfc3339(ends_at(one)),
        last_accessed_at=rfc3339(one.last_seen_at),
        created_at=rfc3339(one.created_at),
        organization_id=str(one.organization_id),
        amr=one.amr,
    )


def device_info(agent: str, person: str) -> pb.DeviceInfo:
    found = device(agent)
    return pb.DeviceInfo(
        type=found.type,
        os=found.os or None,
        browser=found.browser or None,
        version=found.version or None,
        fingerprint=found.fingerprint(person),
    )


def ends_at(one: UserSession) -> datetime:
    return min(one.expires_at, one.last_seen_at + one.idle_limit) if one.idle_limit else one.expires_at
