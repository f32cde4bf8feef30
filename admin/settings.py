"""What the environment tells the command line. Nothing is needed to start: each command asks for what it uses."""

from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator

from admin.backup.settings import BackupSettings
from admin.errors import Failed
from libs.settings import BlobSettings, DatabaseSettings, KafkaSettings, RedisSettings, S3Settings, Settings
from libs.settings.stores import Frozen
from services.auth.sealing.settings import KeySettings

ADMIN_FILE = "admin"
Given = TypeVar("Given")


class PostgresSettings(Frozen):
    """The server, and a folder that has a file with the password of each role."""

    url: str = Field(description="postgresql://host:5432/orrery?sslmode=…, without a user.")
    admin_user: str = "postgres"
    passwords: Path = Field(description="Files named after roles (auth_owner, auth_app, …), and `admin`.")
    provision: bool = Field(default=True, description="Make schemas and logins; false where somebody else does.")
    keeper: str = Field(default="", description="A role that backups may read as; its password is in a file too.")

    @field_validator("url")
    @classmethod
    def is_without_user(cls, text: str) -> str:
        parts = urlsplit(text)
        is_address = parts.scheme == "postgresql" and parts.hostname and parts.port != 0
        if not is_address or "@" in parts.netloc or not parts.path.strip("/"):
            raise ValueError("PostgreSQL's address is postgresql://host:5432/database, without a user")
        return text

    def dsn(self, role: str) -> str:
        """The server for a role; raises Failed where its password is not there."""
        return self._for(role, self.password(role))

    @property
    def admin_dsn(self) -> str:
        """The server for whoever administers it; raises Failed."""
        return self._for(self.admin_user, self.password(ADMIN_FILE))

    def app(self, schema: str, pool_size: int = 3) -> DatabaseSettings:
        """A service's own way in, under its row-level security."""
        return DatabaseSettings(dsn=SecretStr(self.dsn(f"{schema}_app")), pool_size=pool_size)

    def password(self, name: str) -> str:
        """The contents of a file in `passwords`; raises Failed."""
        try:
            return (self.passwords / name).read_text().rstrip("\n")
        except OSError as unread:
            raise Failed(f"The password of {name} is not at {self.passwords / name}: {unread.strerror}.") from None
        except UnicodeDecodeError:
            raise Failed(f"The password of {name} at {self.passwords / name} is no UTF-8.") from None

    def _for(self, role: str, password: str) -> str:
        parts = urlsplit(self.url)
        return parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{parts.netloc}").geturl()


class ObjectSettings(S3Settings):
    """The S3 server, for all of the fleet's buckets."""

    public_endpoint: str = ""

    def of(self, bucket: str) -> BlobSettings:
        """The server as the owner of one bucket sees it."""
        given = self.model_dump(include=set(BlobSettings.model_fields)) | {
            "public_endpoint": self.public_endpoint or self.endpoint,
            "bucket": bucket,
        }
        return BlobSettings(**given)


class AdminSettings(Settings):
    """All that the command line can be told."""

    postgres: PostgresSettings | None = None
    kafka: KafkaSettings | None = None
    blobs: ObjectSettings | None = None
    buckets: str = Field(default="orrery-media,orrery-auth", description="Comma-separated.")
    redis: RedisSettings | None = None
    keys: KeySettings | None = None
    backup: BackupSettings | None = None
    certificates: Path | None = Field(default=None, description="A folder of *.crt whose age `doctor` looks at.")

    @classmethod
    def told(cls) -> Self:
        """The environment, read now; raises WrongSettings."""
        return cls.read()

    def of_postgres(self) -> PostgresSettings:
        """Raises Failed where it is not set, as the others do."""
        return needed(self.postgres, "ORRERY_POSTGRES__URL and ORRERY_POSTGRES__PASSWORDS")

    def of_kafka(self) -> KafkaSettings:
        return needed(self.kafka, "ORRERY_KAFKA__BROKERS")

    def of_blobs(self) -> ObjectSettings:
        return needed(self.blobs, "ORRERY_BLOBS__ENDPOINT and its kin")

    def of_keys(self) -> KeySettings:
        return needed(self.keys, "ORRERY_KEYS__MASTER")

    @property
    def bucket_names(self) -> list[str]:
        return [name.strip() for name in self.buckets.split(",") if name.strip()]


def needed(given: Given | None, names: str) -> Given:
    if given is None:
        raise Failed(f"This command needs {names} in its environment.")
    return given
