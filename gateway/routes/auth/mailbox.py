"""What was mailed, for development."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
