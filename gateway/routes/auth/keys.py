"""The keys that access tokens are signed with."""

from orrery.auth.v1 import sessions_pb2

from gateway.bridge.names import SNAKE
from gateway.families import BARE
from gateway.router import RpcRouter

KEYS = sessions_pb2.DESCRIPTOR.services_by_name["KeysService"]

keys = RpcRouter(KEYS, prefix="/.well-known", family=BARE, names=SNAKE, backend="auth")
keys.rpc("GET", "/jwks.json", "ListKeys", id="auth_list_keys", cache="public, max-age=300")

ROUTERS = (keys,)
