"""The sessions of a person: list and revoke."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
