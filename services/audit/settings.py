"""The environment of audit."""

from libs.settings import DatabaseSettings, KafkaSettings, ProcessSettings, RpcSettings, Settings, TelemetrySettings


class AuditSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    rpc: RpcSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
