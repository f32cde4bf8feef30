"""Where the stores are."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSettings(Frozen):
    """PostgreSQL, as the service's app role (never its owner)."""

    dsn: SecretStr
    pool_size: int = Field(default=10, ge=1, le=200, description="Connections of this process, hot reads included.")


class KafkaSettings(Frozen):
    """The brokers, comma-separated host:port."""

    brokers: str


class BlobSettings(Frozen):
    """An S3 server and this service's bucket."""

    endpoint: str = Field(description="URL that this process reaches.")
    public_endpoint: str = Field(description="URL that clients reach; presigned URLs are made for it.")
    access_key: str
    secret_key: SecretStr
    bucket: str
    region: str = "us-east-1"
