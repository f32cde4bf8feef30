"""Accounts, sessions and keys."""

from orrery.auth.v1 import accounts_pb2, sessions_pb2

from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import BARE, ENVELOPE, PLAIN
from gateway.router import RpcRouter

ACCOUNTS = accounts_pb2.DESCRIPTOR.services_by_name["AccountsService"]
SESSIONS = sessions_pb2.DESCRIPTOR.services_by_name["SessionsService"]
KEYS = sessions_pb2.DESCRIPTOR.services_by_name["KeysService"]

accounts = RpcRouter(ACCOUNTS, prefix="/api/auth", family=ENVELOPE, names=CAMEL, backend="auth")
accounts.rpc("POST", "/register", "Register", id="auth_register", rate="auth", status=201)
accounts.rpc("GET", "/me", "GetMe", id="auth_get_me")
accounts.rpc("PUT", "/me", "UpdateMe", id="auth_update_me")

sessions = RpcRouter(SESSIONS, prefix="/api/auth", family=ENVELOPE, names=CAMEL, backend="auth")
sessions.rpc("POST", "/login", "Login", id="auth_login", rate="auth")
sessions.rpc("POST", "/refresh", "Refresh", id="auth_refresh", rate="auth")
sessions.rpc("POST", "/logout", "Logout", id="auth_logout")

tenant_accounts = RpcRouter(ACCOUNTS, prefix="/api/v1/auth", family=PLAIN, names=SNAKE, backend="auth")
tenant_accounts.rpc("POST", "/register", "RegisterTenantUser", id="tenant_auth_register", rate="auth", status=201)
tenant_accounts.rpc("GET", "/me", "GetTenantUser", id="tenant_auth_get_me")

tenant_sessions = RpcRouter(SESSIONS, prefix="/api/v1/auth", family=PLAIN, names=SNAKE, backend="auth")
tenant_sessions.rpc("POST", "/login", "CreateTokens", id="tenant_auth_login", rate="auth")
tenant_sessions.rpc("POST", "/refresh", "RefreshTokens", id="tenant_auth_refresh", rate="auth")
tenant_sessions.rpc("POST", "/logout", "Logout", id="tenant_auth_logout")

keys = RpcRouter(KEYS, prefix="/.well-known", family=BARE, names=SNAKE, backend="auth")
keys.rpc("GET", "/jwks.json", "ListKeys", id="auth_list_keys", cache="public, max-age=300")

ROUTERS = (accounts, sessions, tenant_accounts, tenant_sessions, keys)
