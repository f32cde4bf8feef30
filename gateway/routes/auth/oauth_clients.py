"""Third-party apps that sign people in through us."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
