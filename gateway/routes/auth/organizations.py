"""Organizations, members, invitations, roles, settings."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
