"""The environment of ai-inference."""

from libs.settings import DatabaseSettings, KafkaSettings, ProcessSettings, RpcSettings, Settings, TelemetrySettings


class AiInferenceSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    rpc: RpcSettings
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
