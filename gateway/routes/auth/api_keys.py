"""An organization's API keys."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
