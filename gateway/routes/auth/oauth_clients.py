"""Third-party apps that sign people in through us, and what people allowed them."""

from orrery.auth.v1 import oauth_pb2

from gateway.bridge.names import CAMEL
from gateway.families import RESOURCE
from gateway.router import RpcRouter

SERVICES = oauth_pb2.DESCRIPTOR.services_by_name

clients = RpcRouter(
    SERVICES["OAuthClientsService"], prefix="/api/v1/oauth-clients", family=RESOURCE, names=CAMEL, backend="auth"
)
clients.rpc("GET", "", "ListOAuthClients", id="oauth_clients_list")
clients.rpc("POST", "", "CreateOAuthClient", id="oauth_clients_create", status=201)
clients.rpc("GET", "/{client_id}", "GetOAuthClient", id="oauth_clients_get")
clients.rpc("PATCH", "/{client_id}", "UpdateOAuthClient", id="oauth_clients_update")
clients.rpc("DELETE", "/{client_id}", "DeleteOAuthClient", id="oauth_clients_delete", status=204)
clients.rpc("POST", "/{client_id}/rotate-secret", "RotateOAuthClientSecret", id="oauth_clients_rotate_secret")

apps = RpcRouter(
    SERVICES["AuthorizedAppsService"],
    prefix="/api/v1/users/me/authorized-apps",
    family=RESOURCE,
    names=CAMEL,
    backend="auth",
)
apps.rpc("GET", "", "ListAuthorizedApps", id="authorized_apps_list")
apps.rpc("DELETE", "/{client_id}", "WithdrawAuthorizedApp", id="authorized_apps_withdraw", status=204)

ROUTERS = (clients, apps)
