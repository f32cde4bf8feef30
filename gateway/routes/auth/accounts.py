"""Accounts: who people are."""

from orrery.auth.v1 import accounts_pb2

from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import ENVELOPE, PLAIN
from gateway.router import RpcRouter

ACCOUNTS = accounts_pb2.DESCRIPTOR.services_by_name["AccountsService"]

accounts = RpcRouter(ACCOUNTS, prefix="/api/auth", family=ENVELOPE, names=CAMEL, backend="auth")
accounts.rpc("POST", "/register", "Register", id="auth_register", rate="auth", status=201)
accounts.rpc("GET", "/me", "GetMe", id="auth_get_me")
accounts.rpc("PUT", "/me", "UpdateMe", id="auth_update_me")

tenant_accounts = RpcRouter(ACCOUNTS, prefix="/api/v1/auth", family=PLAIN, names=SNAKE, backend="auth")
tenant_accounts.rpc("POST", "/register", "RegisterTenantUser", id="tenant_auth_register", rate="auth", status=201)
tenant_accounts.rpc("GET", "/me", "GetTenantUser", id="tenant_auth_get_me")

ROUTERS = (accounts, tenant_accounts)
