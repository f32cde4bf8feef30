"""The sessions of a person: list and revoke."""

from orrery.auth.v1 import devices_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

DEVICES = devices_pb2.DESCRIPTOR.services_by_name["DevicesService"]

devices = RpcRouter(DEVICES, prefix="/api/v1/users/me/sessions", family=RESOURCE, names=CAMEL, backend="auth")
devices.rpc("GET", "", "ListSessions", id="sessions_list")
devices.rpc("DELETE", "/{session_id}", "RevokeSession", id="sessions_revoke", status=204)
devices.rpc("POST", "/revoke-others", "RevokeOtherSessions", id="sessions_revoke_others", status=200)

ROUTERS: tuple[RpcRouter, ...] = (devices,)
