"""The one builder of gRPC clients. Every call of the gateway goes through `Call`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from opentelemetry.trace import SpanKind

from libs.rpc import wire
from libs.rpc.handlers import REQUEST_ID, TRACEPARENT
from libs.rpc.identity import METADATA
from libs.settings import TlsSettings
from libs.telemetry import span, traceparent

OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),  # the default waits minutes for a service that restarted in seconds
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    *wire.OPTIONS,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """What a call carries besides its message."""

    identity: bytes
    request_id: str = ""
    timeout: float | None = None  # seconds; the method's own limit where it is shorter


class Client:
    """One channel to one service, over mutual TLS where `tls` has files; the certificate must name the service."""

    def __init__(self, name: str, address: str, tls: TlsSettings) -> None:
        options = (*OPTIONS, ("grpc.ssl_target_name_override", name)) if tls.is_mutual else OPTIONS
        self._channel = (
            grpc.aio.secure_channel(address, channel_credentials(tls), options)
            if tls.is_mutual
            else grpc.aio.insecure_channel(address, options)
        )

    def bind(self, method: MethodDescriptor, timeout: float) -> "Call":
        """A method of the service as a call of at most `timeout` seconds."""
        return Call(self._channel, method, timeout)

    async def is_ready(self, part: str = "") -> bool:
        """Whether the service (or a part that it reports) is SERVING by a standard health check within a second."""
        check = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(health_pb2.HealthCheckRequest(service=part), timeout=1.0)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        await self._channel.close()


class Call:
    """One method of one service; raises nothing but Refusal (and CancelledError)."""

    def __init__(self, channel: grpc.aio.Channel, method: MethodDescriptor, timeout: float) -> None:
        make = channel.unary_stream if method.server_streaming else channel.unary_unary
        self.name = method.full_name
        self._timeout = timeout
        self._send: Any = make(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    async def __call__(self, request: Message, passage: Passage) -> Message:
        """The answer of a unary method."""
        with span(self.name, SpanKind.CLIENT):
            try:
                answer: Message = await self._send(request, timeout=self._limit(passage), metadata=metadata(passage))
            except grpc.aio.AioRpcError as error:
                raise wire.decode(error) from None
            return answer

    async def stream(self, request: Message, passage: Passage) -> AsyncIterator[Message]:
        """The answers of a server-streaming method; leaving the loop early cancels the call."""
        call = self._send(request, timeout=self._limit(passage), metadata=metadata(passage))
        try:
            async for answer in call:
                yield answer
        except grpc.aio.AioRpcError as error:
            raise wire.decode(error) from None
        finally:
            call.cancel()

    def _limit(self, passage: Passage) -> float:
        return self._timeout if passage.timeout is None else min(self._timeout, passage.timeout)


def metadata(passage: Passage) -> tuple[tuple[str, str | bytes], ...]:
    carried: tuple[tuple[str, str | bytes], ...] = ((METADATA, passage.identity), (REQUEST_ID, passage.request_id))
    trace = traceparent()
    return (*carried, (TRACEPARENT, trace)) if trace else carried


def channel_credentials(tls: TlsSettings) -> grpc.ChannelCredentials:
    authority, key, chain = (path.read_bytes() if path else None for path in (tls.authority, tls.key, tls.certificate))
    return grpc.ssl_channel_credentials(authority, key, chain)
