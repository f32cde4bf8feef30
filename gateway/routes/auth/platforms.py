"""Twitch and YouTube accounts linked to ours, and their tokens."""

from gateway.router import RpcRouter

ROUTERS: tuple[RpcRouter, ...] = ()
