"""The route tables of auth, one module per feature."""

from gateway.router import RpcRouter
from gateway.routes.auth import (
    accounts,
    api_keys,
    api_tokens,
    devices,
    keys,
    oauth_clients,
    organizations,
    passkeys,
    platforms,
    privacy,
    second_factors,
    sessions,
    sso,
    users,
)

FEATURES = (
    accounts,
    api_keys,
    api_tokens,
    devices,
    keys,
    oauth_clients,
    organizations,
    passkeys,
    platforms,
    privacy,
    second_factors,
    sessions,
    sso,
    users,
)
ROUTERS: tuple[RpcRouter, ...] = tuple(router for feature in FEATURES for router in feature.ROUTERS)
