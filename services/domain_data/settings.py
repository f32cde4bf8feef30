"""The environment of domain-data."""

from libs.settings import DatabaseSettings, KafkaSettings, ProcessSettings, RpcSettings, Settings, TelemetrySettings


class DomainDataSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    rpc: RpcSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
