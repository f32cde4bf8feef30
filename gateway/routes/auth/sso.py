"""Signing in through another OIDC issuer; the redirects stand in gateway/sso."""

from orrery.auth.v1 import sso_pb2

from gateway.bridge.names import SNAKE
from gateway.families import PLAIN
from gateway.router import RpcRouter

SSO = sso_pb2.DESCRIPTOR.services_by_name["SsoService"]

sso = RpcRouter(SSO, prefix="/api/v1/auth/sso", family=PLAIN, names=SNAKE, backend="auth")
sso.rpc("GET", "", "ListSsoProviders", id="sso_list_providers")
sso.rpc("POST", "/exchange", "ExchangeSsoCode", id="sso_exchange", rate="auth")

ROUTERS = (sso,)
