"""Personal API tokens."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
