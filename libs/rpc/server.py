"""The one builder of gRPC servers."""

import asyncio
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from libs.rpc import wire
from libs.rpc.certificates import Certificates, Material
from libs.rpc.handlers import Running, descriptor_of, generic_handler
from libs.rpc.identity import Verifier
from libs.rpc.listening import bound
from libs.settings import RpcSettings
from libs.telemetry import Answer

LAST_SECONDS = 0.5  # for those whom the end of the grace turns away
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
        bound(settings.listen).close()  # gRPC would say what hinders it in many lines, and once more when it is dropped
        verifier = Verifier(Path(name.strip()) for name in settings.identity_keys.split(","))
        self._certificates = Certificates(settings) if settings.is_mutual else None
        # A connection that ends makes its client look up the name and find new pods; its calls end first.
        age = ("grpc.max_connection_age_ms", int(settings.connection_seconds * 1000))
        self._server = grpc.aio.server(options=(*OPTIONS, age))
        self._running = Running()
        handlers = [generic_handler(servicer, verifier, self._running) for servicer in servicers]
        self._server.add_generic_rpc_handlers(handlers)
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflection:
            names = [descriptor_of(servicer).full_name for servicer in servicers]
            reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], self._server)
        self.port = listen(self._server, settings.listen, self._certificates)

    async def start(self) -> None:
        await self._server.start()

    async def set_ready(self, ready: bool, part: str = "") -> None:
        """Answer health checks with SERVING or NOT_SERVING: for the whole process, or for a part by name."""
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set(part, status)

    async def has_valid_certificate(self) -> Answer:
        """Whether the certificate in use has not expired; True without mutual TLS."""
        return self._certificates is None or await self._certificates.are_valid()

    async def stop(self, grace_seconds: float) -> None:
        """Take no new calls, let running ones end within the grace, then turn them away."""
        await self._health.enter_graceful_shutdown()
        ending = asyncio.get_running_loop().call_later(grace_seconds, self._running.end)
        try:
            await self._server.stop(grace_seconds + LAST_SECONDS)
        finally:
            ending.cancel()


def listen(server: grpc.aio.Server, address: str, certificates: Certificates | None) -> int:
    if certificates:
        return server.add_secure_port(address, Shown(certificates).credentials())
    return server.add_insecure_port(address)


class Shown:
    """What the server shows and believes, asked by gRPC at each handshake, in threads of its own."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self._material = certificates.latest()

    def credentials(self) -> grpc.ServerCredentials:
        """Ask every client for a certificate of the authority."""
        first = configuration(self._material)
        return grpc.dynamic_ssl_server_credentials(first, self._fetch, True)  # type: ignore[arg-type]  # None is fine

    def _fetch(self) -> grpc.ServerCertificateConfiguration | None:
        """What was renewed since; None where nothing was."""
        material = self._certificates.latest()
        if material is self._material:
            return None
        self._material = material
        return configuration(material)


def configuration(material: Material) -> grpc.ServerCertificateConfiguration:
    pair = (material.key, material.certificate)
    return grpc.ssl_server_certificate_configuration([pair], material.authority)
