"""An organization's API keys."""

from orrery.auth.v1 import api_keys_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICE = api_keys_pb2.DESCRIPTOR.services_by_name["ApiKeysService"]

api_keys = RpcRouter(SERVICE, prefix="/api/v1/organizations", family=RESOURCE, names=CAMEL, backend="auth")
api_keys.rpc("GET", "/{id}/api-keys", "ListApiKeys", id="api_keys_list")
api_keys.rpc("POST", "/{id}/api-keys", "CreateApiKey", id="api_keys_create", status=201)
api_keys.rpc("GET", "/{id}/api-keys/{key_id}", "GetApiKey", id="api_keys_get")
api_keys.rpc("PATCH", "/{id}/api-keys/{key_id}", "UpdateApiKey", id="api_keys_update")
api_keys.rpc("POST", "/{id}/api-keys/{key_id}/rotate", "RotateApiKey", id="api_keys_rotate")
api_keys.rpc("POST", "/{id}/api-keys/{key_id}/revoke", "RevokeApiKey", id="api_keys_revoke")

ROUTERS = (api_keys,)
