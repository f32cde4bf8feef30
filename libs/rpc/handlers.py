"""Turns a servicer into gRPC handlers: identity, access, trace and refusals wrap each method once, at start-up.

Handlers rather than interceptors: an interceptor is asked per call, and a streaming handler is easily forgotten there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
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
from libs.rpc.meter import CANCELLED, OK, Meter
from libs.telemetry import get_logger, set_request_id, span

REQUEST_ID = "orrery-request-id"
TRACEPARENT = "traceparent"
log = get_logger(__name__)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"  # generic in its types alone


class DeadlineMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("Every call carries a deadline.")


@dataclass(slots=True)
class Running:
    """The calls that a server is at.

    They end with a refusal of ours, never by gRPC's CANCELLED: a client takes that for a call that no handler has
    seen, as a server that stops answers those, and sends it again, a write too.
    """

    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    is_over: bool = False

    def enter(self) -> "asyncio.Task[Any]":
        """Count the current task in, until it is taken out of `tasks`."""
        task = asyncio.current_task()
        assert task  # noqa: S101  # handlers are run in tasks
        self.tasks.add(task)
        return task

    def end(self) -> None:
        """Turn away all calls that still run."""
        self.is_over = True
        for task in self.tasks:
            task.cancel()

    def refusal(self, method: str) -> Refusal:
        """What a cancelled call is to be refused with; raises CancelledError where its caller cancelled it."""
        if self.is_over:
            return Unavailable(wire.AWAY)
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError
        log.error("call_cancelled_itself", method=method)
        return Internal(wire.FAULT)


@dataclass(frozen=True, slots=True)
class Door:
    """One method's way in."""

    method: MethodDescriptor
    access: Access
    verifier: Verifier
    running: Running

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

    def refusal(self, raised: Exception | asyncio.CancelledError) -> Refusal:
        """What the call ends with; raises CancelledError where its caller cancelled it."""
        name = self.method.full_name
        if isinstance(raised, asyncio.CancelledError):
            return self.running.refusal(name)
        return refusal_of(raised, name)


def descriptor_of(servicer: object) -> ServiceDescriptor:
    """The proto service that a servicer implements, found by its generated base class."""
    for base in type(servicer).__mro__:
        if base.__module__.endswith("_pb2_grpc"):
            messages = import_module(base.__module__.removesuffix("_grpc"))
            return messages.DESCRIPTOR.services_by_name[base.__name__.removesuffix("Servicer")]  # type: ignore[no-any-return]  # generated modules are found by name
    raise TypeError(f"{type(servicer).__name__} implements no generated servicer")


def generic_handler(servicer: object, verifier: Verifier, running: Running) -> grpc.GenericRpcHandler:
    """All methods of a servicer behind their doors."""
    service = descriptor_of(servicer)
    doors = [Door(method, access.access_of(method), verifier, running) for method in service.methods]
    methods = {door.method.name: handler(servicer, door) for door in doors}
    return grpc.method_handlers_generic_handler(service.full_name, methods)


def handler(servicer: object, door: Door) -> "grpc.RpcMethodHandler[Any, Any]":
    method = door.method
    behaviour = getattr(servicer, method.name)
    coders = (GetMessageClass(method.input_type).FromString, GetMessageClass(method.output_type).SerializeToString)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(streaming(door, behaviour), *coders)
    return grpc.unary_unary_rpc_method_handler(unary(door, behaviour), *coders)


def carried(call: Context) -> dict[str, Any]:
    return {key: value for key, value in call.invocation_metadata() or ()}  # noqa: C416  # entries are no plain pairs


def unary(door: Door, behaviour: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
    name = door.method.full_name
    meter = Meter(name)

    async def serve(request: Any, call: Context) -> Any:
        began, code, metadata, task = time.perf_counter(), CANCELLED, carried(call), door.running.enter()
        try:
            with span(name, SpanKind.SERVER, metadata.get(TRACEPARENT)):
                try:
                    door.enter(call, metadata)
                    answer = await behaviour(request, call)
                except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001  # every fault leaves as a typed refusal
                    refusal = door.refusal(raised)
                    code = wire.status_of(refusal)
                else:
                    code = OK
                    return answer
        finally:
            door.running.tasks.discard(task)
            meter.note(began, code)
        return await turn_away(call, refusal)

    return serve


def streaming(door: Door, behaviour: Callable[[Any, Context], AsyncIterator[Any]]) -> Callable[[Any, Context], Any]:
    name = door.method.full_name
    meter = Meter(name, is_stream=True)

    async def serve(request: Any, call: Context) -> AsyncIterator[Any]:
        began, code, metadata, task = time.perf_counter(), CANCELLED, carried(call), door.running.enter()
        try:
            with span(name, SpanKind.SERVER, metadata.get(TRACEPARENT)):
                try:
                    door.enter(call, metadata)
                    async for answer in behaviour(request, call):
                        yield answer
                except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001  # every fault leaves as a typed refusal
                    refusal = door.refusal(raised)
                    code = wire.status_of(refusal)
                else:
                    code = OK
                    return
        finally:
            door.running.tasks.discard(task)
            meter.note(began, code)
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
