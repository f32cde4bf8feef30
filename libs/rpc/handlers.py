"""Turns a servicer into gRPC handlers: identity, access, trace and refusals wrap each method once, at start-up.

Handlers rather than interceptors: an interceptor is asked per call, and a streaming handler is easily forgotten there.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.trace import SpanKind
from orrery.options.v1.options_pb2 import Access

from libs.errors import Internal, Invalid, Refusal, Unavailable
from libs.rpc import access, context, wire
from libs.rpc.identity import METADATA, UntrustedIdentity, Verifier
from libs.telemetry import get_logger, set_request_id, span

REQUEST_ID = "orrery-request-id"
TRACEPARENT = "traceparent"
log = get_logger(__name__)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"  # generic in its types alone


class DeadlineMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("Every call carries a deadline.")


@dataclass(frozen=True, slots=True)
class Door:
    """One method's way in."""

    method: MethodDescriptor
    access: Access
    verifier: Verifier

    def enter(self, call: Context, metadata: dict[str, Any]) -> None:
        """Let the caller in, or raise the refusal."""
        if call.time_remaining() is None:
            raise DeadlineMissing
        if METADATA not in metadata:
            raise UntrustedIdentity
        identity = self.verifier.verify(bytes(metadata[METADATA]))
        context.enter(identity, metadata.get(REQUEST_ID, ""))
        set_request_id(metadata.get(REQUEST_ID, ""))
        access.check(self.access, identity)


def descriptor_of(servicer: object) -> ServiceDescriptor:
    """The proto service that a servicer implements, found by its generated base class."""
    for base in type(servicer).__mro__:
        if base.__module__.endswith("_pb2_grpc"):
            messages = import_module(base.__module__.removesuffix("_grpc"))
            return messages.DESCRIPTOR.services_by_name[base.__name__.removesuffix("Servicer")]  # type: ignore[no-any-return]  # generated modules are found by name
    raise TypeError(f"{type(servicer).__name__} implements no generated servicer")


def generic_handler(servicer: object, verifier: Verifier) -> grpc.GenericRpcHandler:
    """All methods of a servicer behind their doors."""
    service = descriptor_of(servicer)
    methods = {method.name: handler(servicer, method, verifier) for method in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, methods)


def handler(servicer: object, method: MethodDescriptor, verifier: Verifier) -> "grpc.RpcMethodHandler[Any, Any]":
    door = Door(method, access.access_of(method), verifier)
    behaviour = getattr(servicer, method.name)
    coders = (GetMessageClass(method.input_type).FromString, GetMessageClass(method.output_type).SerializeToString)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(streaming(door, behaviour), *coders)
    return grpc.unary_unary_rpc_method_handler(unary(door, behaviour), *coders)


def carried(call: Context) -> dict[str, Any]:
    return {key: value for key, value in call.invocation_metadata() or ()}  # noqa: C416  # entries are no plain pairs


def unary(door: Door, behaviour: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
    name = door.method.full_name

    async def serve(request: Any, call: Context) -> Any:
        metadata = carried(call)
        with span(name, SpanKind.SERVER, metadata.get(TRACEPARENT)):
            try:
                door.enter(call, metadata)
                return await behaviour(request, call)
            except Exception as raised:  # noqa: BLE001  # every fault leaves as a typed refusal
                refusal = refusal_of(raised, name)
        return await turn_away(call, refusal)

    return serve


def streaming(door: Door, behaviour: Callable[[Any, Context], AsyncIterator[Any]]) -> Callable[[Any, Context], Any]:
    name = door.method.full_name

    async def serve(request: Any, call: Context) -> AsyncIterator[Any]:
        metadata = carried(call)
        with span(name, SpanKind.SERVER, metadata.get(TRACEPARENT)):
            try:
                door.enter(call, metadata)
                async for answer in behaviour(request, call):
                    yield answer
            except Exception as raised:  # noqa: BLE001  # every fault leaves as a typed refusal
                refusal = refusal_of(raised, name)
            else:
                return
        await turn_away(call, refusal)

    return serve


async def turn_away(call: Context, refusal: Refusal) -> None:
    """End the call with the refusal and its details; raises grpc's own AbortError."""
    await call.abort(wire.status_of(refusal), refusal.message[: wire.SENTENCE], ((wire.DETAILS, wire.encode(refusal)),))


def refusal_of(raised: Exception, method: str) -> Refusal:
    """A refusal goes on as it is, a part that is away is Unavailable; anything else is logged and becomes Internal."""
    if isinstance(raised, Refusal):
        return raised
    if isinstance(raised, ConnectionError | TimeoutError):
        log.warning("dependency_away", method=method, error=repr(raised))
        return Unavailable(wire.AWAY)
    log.error("call_failed", method=method, exc_info=raised)
    return Internal(wire.FAULT)
