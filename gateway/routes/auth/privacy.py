"""People's own data: the end of their account, a copy of it."""

from orrery.auth.v1 import privacy_pb2

from gateway.bridge.names import CAMEL
from gateway.families import ENVELOPE, RESOURCE
from gateway.router import RpcRouter

PRIVACY = privacy_pb2.DESCRIPTOR.services_by_name["PrivacyService"]

me = RpcRouter(PRIVACY, prefix="/api/v1/users/me", family=RESOURCE, names=CAMEL, backend="auth")
me.rpc("DELETE", "", "DeleteMe", id="users_delete_me", status=202)
me.rpc("POST", "/export", "RequestExport", id="users_export_me", status=202)
me.rpc("GET", "/exports/{export_id}", "GetExport", id="users_get_export")

account = RpcRouter(PRIVACY, prefix="/api/auth/account", family=ENVELOPE, names=CAMEL, backend="auth")
account.rpc("POST", "/restore", "RestoreAccount", id="auth_restore_account", rate="auth")

ROUTERS = (me, account)
