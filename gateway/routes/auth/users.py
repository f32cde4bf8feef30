"""People as their organization and they themselves see them."""

from orrery.auth.v1 import users_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

USERS = users_pb2.DESCRIPTOR.services_by_name["UsersService"]

users = RpcRouter(USERS, prefix="/api/v1/users", family=RESOURCE, names=CAMEL, backend="auth")
users.rpc("GET", "", "ListUsers", id="users_list")
users.rpc("GET", "/me", "GetCurrentUser", id="users_get_me")
users.rpc("PATCH", "/me", "UpdateCurrentUser", id="users_update_me")
users.rpc("GET", "/{id}", "GetUser", id="users_get")
users.rpc("PATCH", "/{id}", "UpdateUser", id="users_update")

ROUTERS: tuple[RpcRouter, ...] = (users,)
