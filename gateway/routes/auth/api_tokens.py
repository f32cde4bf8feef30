"""Personal API tokens."""

from orrery.auth.v1 import api_tokens_pb2

from gateway.bridge.names import CAMEL
from gateway.families import ENVELOPE
from gateway.router import RpcRouter

SERVICE = api_tokens_pb2.DESCRIPTOR.services_by_name["ApiTokensService"]

api_tokens = RpcRouter(SERVICE, prefix="/api/auth/api-token", family=ENVELOPE, names=CAMEL, backend="auth")
api_tokens.rpc("POST", "", "CreateApiToken", id="api_tokens_create", status=201)
api_tokens.rpc("GET", "", "ListApiTokens", id="api_tokens_list")
api_tokens.rpc("POST", "/revoke", "RevokeApiToken", id="api_tokens_revoke")

ROUTERS = (api_tokens,)
