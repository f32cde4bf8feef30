"""Passkeys (WebAuthn)."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
