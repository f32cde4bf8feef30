"""The environment of auth."""

from pathlib import Path

from pydantic import Field

from libs.settings import DatabaseSettings, KafkaSettings, ProcessSettings, RpcSettings, Settings, TelemetrySettings
from libs.settings.stores import Frozen


class KeySettings(Frozen):
    """How the private keys in the database are encrypted."""

    master: Path = Field(description="File of 32 random bytes in base64.")


class TokenSettings(Frozen):
    """What access tokens say of their origin and use."""

    issuer: str = Field(min_length=1, description="The public URL of this deployment.")
    audience: str = Field(min_length=1)


class PasswordSettings(Frozen):
    """Which passwords are taken, and how many are hashed at once."""

    refuse_common: bool = Field(default=False, description="Refuse those that everybody tries first.")
    workers: int = Field(default=0, ge=0, le=64, description="Hashes at a time, 46 MiB each; 0: one for each core.")


class AuthSettings(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    rpc: RpcSettings
    keys: KeySettings
    tokens: TokenSettings
    passwords: PasswordSettings = PasswordSettings()
    process: ProcessSettings = ProcessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
