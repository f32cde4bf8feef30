"""Where the stores are."""

import ssl
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FilePath, SecretStr, model_validator


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def postgres_address(secret: SecretStr) -> SecretStr:
    """Refuses what no driver could read, before one puts it into its error."""
    wrong = ValueError("an address of PostgreSQL is postgresql://role@host:port/database")
    try:
        parts = urlsplit(secret.get_secret_value())
        is_one = parts.scheme == "postgresql" and parts.path.strip("/") and (parts.port or 1)
    except ValueError:
        raise wrong from None
    if not is_one:
        raise wrong
    return secret


def redis_address(secret: SecretStr) -> SecretStr:
    if urlsplit(secret.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("an address of Redis begins with redis://, rediss:// or unix://")
    return secret


def certificates(file: Path) -> Path:
    """Refuses a file that no store could be believed by."""
    try:
        ssl.create_default_context(cafile=file)
    except OSError:
        raise ValueError(f"{file} holds no certificates (PEM)") from None
    return file


Authority = Annotated[FilePath, AfterValidator(certificates)]
Dsn = Annotated[SecretStr, AfterValidator(postgres_address)]


class DatabaseSettings(Frozen):
    """PostgreSQL, as the service's app role (never its owner)."""

    dsn: Dsn
    pool_size: int = Field(default=10, ge=1, le=200, description="Connections of this process, hot reads included.")


Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSettings(Frozen):
    """The brokers, comma-separated host:port, and how they are spoken to."""

    brokers: str
    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism | None = None
    username: str | None = None
    password: SecretStr | None = None
    authority: Authority | None = Field(
        default=None,
        description="File of the certificates (PEM) that brokers are believed by; the system's by default.",
    )

    @model_validator(mode="after")
    def fit_the_protocol(self) -> Self:
        login = {"mechanism": self.mechanism, "username": self.username, "password": self.password}
        if self.has_login and (missing := [name for name, value in login.items() if not value]):
            raise ValueError(f"{self.protocol} needs {' and '.join(missing)}")
        if not self.has_login and (given := [name for name, value in login.items() if value is not None]):
            raise ValueError(f"{' and '.join(given)} are for the protocols SASL_SSL and SASL_PLAINTEXT alone")
        if self.authority and not self.has_tls:
            raise ValueError("authority is for the protocols SSL and SASL_SSL alone")
        return self

    @property
    def has_login(self) -> bool:
        return self.protocol.startswith("SASL_")

    @property
    def has_tls(self) -> bool:
        return self.protocol.endswith("SSL")


class S3Settings(Frozen):
    """An S3 server and a key."""

    endpoint: str = Field(description="URL that this process reaches.")
    access_key: str
    secret_key: SecretStr
    region: str = "us-east-1"
    authority: Authority | None = Field(
        default=None, description="File of the certificates (PEM) that it is believed by; the system's by default."
    )

    @model_validator(mode="after")
    def fit_the_endpoint(self) -> Self:
        if self.authority and not self.endpoint.startswith("https://"):
            raise ValueError("authority is for an https:// endpoint alone")
        return self


class BlobSettings(S3Settings):
    """An S3 server and this service's bucket."""

    public_endpoint: str = Field(description="URL that clients reach; presigned URLs are made for it.")
    bucket: str


class RedisSettings(Frozen):
    """The gateway's: where rate limits are counted, idempotency keys and nonces are kept."""

    url: Annotated[SecretStr, AfterValidator(redis_address)] = Field(description="rediss:// is Redis over TLS.")
    password: SecretStr | None = None
    authority: Authority | None = Field(
        default=None, description="File of the certificates (PEM) that it is believed by; the system's by default."
    )

    @model_validator(mode="after")
    def fit_the_url(self) -> Self:
        parts = urlsplit(self.url.get_secret_value())
        if parts.password and self.password:
            raise ValueError("the password is in url and beside it; give it once")
        if self.authority and parts.scheme != "rediss":
            raise ValueError("authority is for rediss:// alone")
        return self
