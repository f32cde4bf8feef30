"""What a running call knows: who called, and for which request."""

from contextvars import ContextVar

from orrery.identity.v1.identity_pb2 import Identity

_caller: ContextVar[Identity] = ContextVar("caller")
_request_id: ContextVar[str] = ContextVar("rpc_request_id", default="")


def caller() -> Identity:
    """The verified identity of the call being served; LookupError outside of one."""
    return _caller.get()


def request_id() -> str:
    """The id of the request being served; empty outside of one."""
    return _request_id.get()


def enter(identity: Identity, request: str) -> None:
    """Say for the rest of this task who calls."""
    _caller.set(identity)
    _request_id.set(request)
