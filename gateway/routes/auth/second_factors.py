"""TOTP, backup codes, PIN, payment authorisation."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
