"""How a process listens, is seen and ends."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from libs.settings.addresses import Address
from libs.settings.stores import Frozen


class TlsSettings(Frozen):
    """Mutual TLS by three PEM files; none of them means plain TCP, some of them is refused."""

    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None

    @model_validator(mode="after")
    def all_or_none(self) -> Self:
        given = [path is not None for path in (self.certificate, self.key, self.authority)]
        if any(given) and not all(given):
            raise ValueError("mutual TLS needs certificate, key and authority together")
        return self

    @property
    def is_mutual(self) -> bool:
        return self.certificate is not None


class RpcSettings(TlsSettings):
    """How a service's gRPC server listens and whose identities it believes."""

    listen: Address = Field(description="host:port; port 0 takes a free one.")
    identity_keys: str = Field(
        description="Files of Ed25519 public keys (PEM, one or several), comma-separated; read again when they change."
    )
    reflection: bool = False
    connection_seconds: float = Field(
        default=300.0, ge=0.1, description="A connection's age at most; clients then look up the service's name anew."
    )


class TelemetrySettings(Frozen):
    """Traces, logs."""

    otlp_endpoint: str | None = Field(default=None, description="http://host:4318; no export without it.")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    sample_ratio: float = Field(
        default=1.0, ge=0, le=1, description="Share of traces kept, decided where a trace begins."
    )
    environment: str = "development"


class ProcessSettings(Frozen):
    """The operations port and the way out."""

    operations: Address = Field(default="127.0.0.1:0", description="host:port of /metrics, /readyz and /healthz.")
    drain_seconds: float = Field(default=20.0, ge=0, le=600)
