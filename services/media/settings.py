"""The environment of media and of media-worker."""

from pathlib import Path

from pydantic import Field

from libs.settings import (
    BlobSettings,
    DatabaseSettings,
    KafkaSettings,
    ProcessSettings,
    RpcSettings,
    Settings,
    TelemetrySettings,
)


class MediaSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    blobs: BlobSettings
    rpc: RpcSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()


class MediaWorkerSettings(Settings):
    database: DatabaseSettings
    blobs: BlobSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    scratch: Path | None = Field(default=None, description="Folder for files at work; the system's own by default.")
    concurrency: int = Field(default=1, ge=1, le=64, description="Videos processed at once.")
