"""Signing in through another OIDC issuer."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
