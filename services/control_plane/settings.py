"""The environment of control-plane."""

from libs.settings import DatabaseSettings, KafkaSettings, ProcessSettings, RpcSettings, Settings, TelemetrySettings


class ControlPlaneSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    rpc: RpcSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
