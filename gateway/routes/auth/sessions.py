"""Sessions: signing in, staying in, signing out."""

from orrery.auth.v1 import sessions_pb2

from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import ENVELOPE, PLAIN
from gateway.router import RpcRouter

SESSIONS = sessions_pb2.DESCRIPTOR.services_by_name["SessionsService"]

sessions = RpcRouter(SESSIONS, prefix="/api/auth", family=ENVELOPE, names=CAMEL, backend="auth")
sessions.rpc("POST", "/login", "Login", id="auth_login", rate="auth")
sessions.rpc("POST", "/refresh", "Refresh", id="auth_refresh", rate="auth")
sessions.rpc("POST", "/logout", "Logout", id="auth_logout")

tenant_sessions = RpcRouter(SESSIONS, prefix="/api/v1/auth", family=PLAIN, names=SNAKE, backend="auth")
tenant_sessions.rpc("POST", "/login", "CreateTokens", id="tenant_auth_login", rate="auth")
tenant_sessions.rpc("POST", "/refresh", "RefreshTokens", id="tenant_auth_refresh", rate="auth")
tenant_sessions.rpc("POST", "/logout", "Logout", id="tenant_auth_logout")

ROUTERS = (sessions, tenant_sessions)
