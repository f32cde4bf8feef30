"""The one builder of gRPC clients. Every call of the gateway goes through `Call`."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from opentelemetry.trace import SpanKind
from prometheus_client import Counter

from libs.rpc import wire
from libs.rpc.channel import Channel
from libs.rpc.handlers import REQUEST_ID, TRACEPARENT
from libs.rpc.identity import METADATA
from libs.settings import TlsSettings
from libs.telemetry import Answer, get_logger, span, traceparent

log = get_logger(__name__)
PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds before a call is tried again; another pod, or the next one, is there by then
SILENT_SECONDS = 60.0
READS = ("Get", "List", "Identify")
RETRIES = Counter("orrery_rpc_client_retries_total", "Calls tried again, for their server had gone.", ["rpc"])


@dataclass(frozen=True, slots=True)
class Passage:
    """What a call carries besides its message."""

    identity: bytes
    request_id: str = ""
    timeout: float | None = None  # seconds; the method's own limit where it is shorter


class Client:
    """One service at host:port, whose name may have many addresses: calls go round them, as they come and go.

    Mutual TLS where `tls` has files: the certificate must name the service, and renewed files are taken up while calls
    run. `name` is the deployable's; the underscores of a setting stand for its hyphens.
    """

    def __init__(self, name: str, address: str, tls: TlsSettings) -> None:
        self._calls: WeakSet[Call] = WeakSet()
        self._channel = Channel(name.replace("_", "-"), address, tls, self._take)

    def bind(self, method: MethodDescriptor, timeout: float) -> "Call":
        """A method of the service as a call of at most `timeout` seconds."""
        call = Call(self._channel, method, timeout)
        self._calls.add(call)
        return call

    async def is_ready(self, part: str = "") -> bool:
        """Whether the service (or a part that it reports) is SERVING by a standard health check within a second."""
        check = self._channel.current.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(health_pb2.HealthCheckRequest(service=part), timeout=1.0)
        except grpc.aio.AioRpcError as error:
            if wire.is_unresolved(error):
                self._channel.look_up()
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def has_valid_certificate(self) -> Answer:
        """Whether the certificate in use has not expired; True without mutual TLS."""
        certificates = self._channel.certificates
        return certificates is None or await certificates.are_valid()

    async def close(self) -> None:
        await self._channel.close()

    def _take(self, successor: grpc.aio.Channel) -> float:
        calls = list(self._calls)
        for call in calls:
            call.use(successor)
        return max((call.timeout for call in calls), default=0.0)


class Call:
    """One method of one service; raises nothing but Refusal (and CancelledError).

    What no server has seen is sent again, and so is a read whose server went away: for 1.5 s, within the call's time.
    """

    def __init__(self, channel: Channel, method: MethodDescriptor, timeout: float) -> None:
        self.name = method.full_name
        self.timeout = timeout
        self._method = method
        self._channel = channel
        self._silent_until = 0.0
        self._is_read = method.name.startswith(READS)
        self.use(channel.current)

    def use(self, channel: grpc.aio.Channel) -> None:
        """Make calls on this channel from now on."""
        method = self._method
        make = channel.unary_stream if method.server_streaming else channel.unary_unary
        self._send: Any = make(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    async def __call__(self, request: Message, passage: Passage) -> Message:
        """The answer of a unary method."""
        with span(self.name, SpanKind.CLIENT):
            limit = self._limit(passage)
            ends = time.monotonic() + limit
            try:
                answer: Message = await self._send(request, timeout=limit, metadata=metadata(passage))
            except grpc.aio.AioRpcError as error:
                return await self._again(error, request, passage, ends)
            return answer

    async def _again(self, error: grpc.aio.AioRpcError, request: Message, passage: Passage, ends: float) -> Message:
        """Try again what may be tried again; raises the refusal that the last attempt got."""
        for pause in PAUSES:
            left = ends - time.monotonic() - pause
            if left <= 0 or not (wire.is_unsent(error) or (self._is_read and wire.is_lost(error))):
                break
            await self._pause(error, pause)
            try:
                answer: Message = await self._send(request, timeout=left, metadata=metadata(passage))
            except grpc.aio.AioRpcError as failure:
                error = failure
            else:
                return answer
        self._tell(error)
        raise wire.decode(error) from None

    async def _pause(self, error: grpc.aio.AioRpcError, seconds: float) -> None:
        if wire.is_unresolved(error):
            self._channel.look_up()
        RETRIES.labels(self.name).inc()
        await asyncio.sleep(seconds)

    def _tell(self, error: grpc.aio.AioRpcError) -> None:
        """Log why a service was not to be had, the caller being told nothing of it; at most once a minute."""
        now = time.monotonic()
        if wire.is_lost(error) and now >= self._silent_until:
            self._silent_until = now + SILENT_SECONDS
            log.warning("service_away", rpc=self.name, reason=error.details())

    async def stream(self, request: Message, passage: Passage) -> AsyncIterator[Message]:
        """The answers of a server-streaming method; leaving the loop early cancels the call."""
        ends = time.monotonic() + self._limit(passage)
        has_begun = False
        for pause in (*PAUSES, None):
            call = self._send(request, timeout=ends - time.monotonic(), metadata=metadata(passage))
            try:
                async for answer in call:
                    has_begun = True
                    yield answer
            except grpc.aio.AioRpcError as error:
                if pause is None or time.monotonic() + pause >= ends or has_begun or not wire.is_unsent(error):
                    self._tell(error)
                    raise wire.decode(error) from None
                await self._pause(error, pause)
            else:
                return
            finally:
                call.cancel()

    def _limit(self, passage: Passage) -> float:
        return self.timeout if passage.timeout is None else min(self.timeout, passage.timeout)


def metadata(passage: Passage) -> tuple[tuple[str, str | bytes], ...]:
    carried: tuple[tuple[str, str | bytes], ...] = ((METADATA, passage.identity), (REQUEST_ID, passage.request_id))
    trace = traceparent()
    return (*carried, (TRACEPARENT, trace)) if trace else carried
