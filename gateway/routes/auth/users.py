"""People as their organization and they themselves see them."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
