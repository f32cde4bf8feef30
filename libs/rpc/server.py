"""The one builder of gRPC servers."""

from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from libs.rpc import wire
from libs.rpc.handlers import descriptor_of, generic_handler
from libs.rpc.identity import Verifier
from libs.settings import RpcSettings, TlsSettings

OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second server on the port is a mistake, not a balance
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    *wire.OPTIONS,
)


class Server:
    """Serves servicers with health checks (and reflection by setting)."""

    def __init__(self, settings: RpcSettings, *servicers: object) -> None:
        verifier = Verifier(Path(name.strip()) for name in settings.identity_keys.split(","))
        self._server = grpc.aio.server(options=OPTIONS)
        self._server.add_generic_rpc_handlers([generic_handler(servicer, verifier) for servicer in servicers])
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflection:
            names = [descriptor_of(servicer).full_name for servicer in servicers]
            reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], self._server)
        self.port = listen(self._server, settings)

    async def start(self) -> None:
        await self._server.start()

    async def set_ready(self, ready: bool, part: str = "") -> None:
        """Answer health checks with SERVING or NOT_SERVING: for the whole process, or for a part by name."""
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set(part, status)

    async def stop(self, grace_seconds: float) -> None:
        """Take no new calls, let running ones end within the grace, then cancel them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)


def listen(server: grpc.aio.Server, settings: RpcSettings) -> int:
    if settings.is_mutual:
        return server.add_secure_port(settings.listen, server_credentials(settings))
    return server.add_insecure_port(settings.listen)


def server_credentials(tls: TlsSettings) -> grpc.ServerCredentials:
    """Ask every client for a certificate of the authority; certificates renewed on disk are taken up as they change."""

    def load() -> grpc.ServerCertificateConfiguration:
        key, chain, authority = (path.read_bytes() for path in (tls.key, tls.certificate, tls.authority) if path)
        return grpc.ssl_server_certificate_configuration([(key, chain)], authority)

    return grpc.dynamic_ssl_server_credentials(load(), load, require_client_authentication=True)
