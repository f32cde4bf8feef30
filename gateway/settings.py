"""The environment of the gateway."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, FilePath

from gateway.limits.settings import LimitSettings
from gateway.server import Patience
from libs.settings import (
    Address,
    KafkaSettings,
    ProcessSettings,
    RedisSettings,
    Settings,
    TelemetrySettings,
    TlsSettings,
    host_and_port,
)
from libs.settings.stores import Frozen


def networks(text: str) -> str:
    for one in text.split(","):
        if one.strip():
            ip_network(one.strip())
    return text


def http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("a URL is http://host or https://host")
    return text.rstrip("/")


Networks = Annotated[str, AfterValidator(networks)]
HttpUrl = Annotated[str, AfterValidator(http_url)]


class ServiceSettings(Frozen):
    """Where the services' gRPC servers are, host:port each."""

    auth: Address
    media: Address
    audit: Address
    ai_inference: Address
    domain_data: Address
    control_plane: Address


class IdentitySettings(Frozen):
    """The key that identities are signed with."""

    key: FilePath = Field(description="File of an Ed25519 private key (PEM).")


class TokenSettings(Frozen):
    """Whose access tokens are believed; what auth writes into them."""

    issuer: str | None = Field(default=None, description="The public URL where absent.")
    audience: str = "orrery"


class TimeoutSettings(Frozen):
    """How long a caller is waited for, in seconds."""

    head: float = Field(default=10.0, gt=0, description="From a request's first byte to the end of its headers.")
    body: float = Field(default=20.0, gt=0, description="Between two parts of a body.")
    idle: int = Field(default=75, gt=0, description="Between two requests of a connection.")
    read: float = Field(default=60.0, gt=0, description="For the caller to take what was written.")
    leaving: float = Field(default=3.0, ge=0, description="For callers to see `Connection: close` before it ends.")

    @property
    def patience(self) -> Patience:
        return Patience(self.head, self.body, self.idle, self.read, self.leaving)


class GatewaySettings(Settings):
    listen: Address = Field(default="127.0.0.1:8080", description="host:port of the public API.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes on that port; one per core.")
    public_url: HttpUrl = Field(description="Where clients reach the API.")
    cors_origins: str = Field(default="", description="Exact origins, comma-separated.")
    trusted_proxies: Networks = Field(default="", description="Networks (CIDR) whose X-Forwarded-For is believed.")
    public_metrics: bool = Field(default=False, description="Let all read /metrics, not trusted networks alone.")
    hsts_seconds: int = Field(default=0, ge=0, description="Tell browsers for so long to come by HTTPS only.")
    spool: Path = Field(description="Folder where the access log waits while Kafka is away.")
    spool_bytes: int = Field(default=256 * 1024 * 1024, ge=16 * 1024 * 1024, description="Its size at most.")
    redis: RedisSettings
    kafka: KafkaSettings
    services: ServiceSettings
    meeting_seconds: float = Field(
        default=60.0, ge=0, description="For the services to answer before it takes requests."
    )
    rpc: TlsSettings = TlsSettings()
    identity: IdentitySettings
    tokens: TokenSettings = TokenSettings()
    limits: LimitSettings = LimitSettings()
    timeouts: TimeoutSettings = TimeoutSettings()
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def issuer(self) -> str:
        """The issuer whose tokens are believed."""
        return self.tokens.issuer or self.public_url

    @property
    def listens_at(self) -> tuple[str, int]:
        """Host and port."""
        return host_and_port(self.listen)


def environment_of_worker(operations: str) -> dict[str, str]:
    """This process's environment for one more process of the same gateway, with an operations address of its own."""
    return {**os.environ, "ORRERY_PROCESS__OPERATIONS": operations}
