"""Where backups are kept, and how many."""

import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from libs.settings import BlobSettings
from libs.settings.stores import Authority, Frozen

LONGEST_HOURS = 18  # jobs that remove something are tried for at least 19 (their ATTEMPTS), and never again after them


class BackupSettings(Frozen):
    """A folder (a volume) or a bucket of an S3 server; one prefix for each fleet."""

    folder: Path | None = None
    endpoint: str = Field(default="", description="URL of the S3 server; better not the one that is backed up.")
    bucket: str = ""
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    region: str = "us-east-1"
    authority: Authority | None = Field(default=None, description="CA file of the S3 server; the system's by default.")
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*)?$")
    keep: int = Field(default=0, ge=0, le=10_000, description="The newest so many stay; 0 removes none.")
    jobs: int = Field(default=4, ge=1, le=32, description="Dumps and objects copied at once.")
    longest_hours: int = Field(
        default=12, ge=1, le=LONGEST_HOURS, description="Removals of objects wait for a backup so long."
    )
    programs: Path | None = Field(default=None, description="Folder of pg_dump and pg_restore.")

    @model_validator(mode="after")
    def one_place(self) -> Self:
        if (self.folder is None) == (not self.endpoint):
            raise ValueError("set FOLDER, or ENDPOINT with BUCKET, ACCESS_KEY and SECRET_KEY")
        if self.endpoint and not (self.bucket and self.access_key and self.secret_key.get_secret_value()):
            raise ValueError("ENDPOINT needs BUCKET, ACCESS_KEY and SECRET_KEY")
        if self.authority and not self.endpoint.startswith("https://"):
            raise ValueError("AUTHORITY is for an https:// ENDPOINT alone")
        return self

    def blobs(self) -> BlobSettings:
        """The S3 server as libs/blobs is told."""
        return BlobSettings(
            endpoint=self.endpoint,
            public_endpoint=self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            bucket=self.bucket,
            region=self.region,
            authority=self.authority,
        )


def inherited() -> dict[str, str]:
    """The environment of the programs that are started: this process's, without what is the fleet's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ORRERY_")}
