"""What a running call knows: who called, and for which request."""

import time
from contextvars import ContextVar

from orrery.identity.v1.identity_pb2 import Identity

_caller: ContextVar[Identity] = ContextVar("caller")
_request_id: ContextVar[str] = ContextVar("rpc_request_id", default="")
_arrived_ms: ContextVar[int] = ContextVar("rpc_arrived_ms", default=0)


def caller() -> Identity:
    """The verified identity of the call being served; LookupError outside of one."""
    return _caller.get()


def request_id() -> str:
    """The id of the request being served; empty outside of one."""
    return _request_id.get()


def arrived_ms() -> int:
    """When the call being served came in, in milliseconds since 1970; now, outside of one."""
    return _arrived_ms.get() or time.time_ns() // 1_000_000


def enter(identity: Identity, request: str) -> None:
    """Say for the rest of this task who calls."""
    _caller.set(identity)
    _request_id.set(request)
    _arrived_ms.set(time.time_ns() // 1_000_000)
