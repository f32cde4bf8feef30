"""Where the fleet's stores are: our own parts, or others' that the environment names."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from minio import Minio

from tools.stack.errors import StartFailed
from tools.stack.keys import Keys
from tools.stack.layout import SETTINGS, Layout
from tools.stack.parts import Credentials, Kafka, ObjectStore, Part, Postgres, Redis, chosen

BUCKET: str = SETTINGS["names"]["bucket"]
ARCHIVES: str = SETTINGS["names"]["archives"]
DATABASE: str = SETTINGS["names"]["database"]


@dataclass(frozen=True)
class Stores:
    """What the fleet is told; `own` are the parts that this stack starts itself."""

    own: tuple[Part, ...]
    admin_dsn: str
    brokers: str
    redis_url: str
    s3_url: str
    s3_key: Credentials

    def dsn(self, user: str, password: str) -> str:
        """The same server and database for another user."""
        server = urlsplit(self.admin_dsn)
        return server._replace(netloc=f"{user}:{quote(password, safe='')}@{server.netloc.rpartition('@')[2]}").geturl()


def find(layout: Layout, keys: Keys, environ: Mapping[str, str] = os.environ) -> Stores:
    """Our own parts, except those for which STACK_POSTGRES_DSN and its kin name another server."""
    ports, folder = layout.ports, layout.folder
    postgres = Postgres(folder, ports["postgres"], password=keys.password("postgres-admin"), database=DATABASE)
    kafka = Kafka(folder, ports["kafka"], controller_port=ports["kafka-controller"])
    redis = Redis(folder, ports["redis"], password=keys.password("redis"))
    s3 = object_store(layout, keys)
    foreign_url, foreign_key = s3_address(environ.get("STACK_S3_URL", ""))
    given = [environ.get(f"STACK_{name}", "") for name in ("POSTGRES_DSN", "KAFKA_BROKERS", "REDIS_URL", "S3_URL")]
    parts: tuple[Part, ...] = (postgres, kafka, redis, s3)
    return Stores(
        own=tuple(part for part, other in zip(parts, given, strict=True) if not other),
        admin_dsn=given[0] or postgres.dsn(),
        brokers=given[1] or kafka.address,
        redis_url=given[2] or redis.url,
        s3_url=foreign_url or s3.endpoint,
        s3_key=foreign_key or s3.user,
    )


def object_store(layout: Layout, keys: Keys) -> ObjectStore:
    root, user = (Credentials(name, keys.password(f"s3-{name}")) for name in ("root", "media"))
    return chosen()(layout.folder, layout.ports["s3"], root=root, user=user)


def s3_address(given: str) -> tuple[str, Credentials | None]:
    """`http://KEY:SECRET@host:port` as the URL and the credentials; nothing when nothing is given."""
    if not given:
        return "", None
    url = urlsplit(given)
    address = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
    return address, Credentials(unquote(url.username or ""), unquote(url.password or ""))


def check_foreign(stores: Stores) -> None:
    """Raise StartFailed where a server that the environment names is not reached; make its buckets."""
    ours = {part.name for part in stores.own}
    addresses = {
        "postgres": urlsplit(stores.admin_dsn),
        "kafka": urlsplit(f"kafka://{stores.brokers.partition(',')[0]}"),
        "redis": urlsplit(stores.redis_url),
        "s3": urlsplit(stores.s3_url),
    }
    for name, url in addresses.items():
        if name not in ours:
            reach(name, url.hostname or "", url.port or {"http": 80, "https": 443}.get(url.scheme, 0))
    if "s3" not in ours:
        make_bucket(stores)


def reach(name: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as away:
        raise StartFailed(
            f"{name} at {host}:{port} is not reached: {away}.", "Its address comes from STACK_…."
        ) from away


def make_bucket(stores: Stores) -> None:
    url = urlsplit(stores.s3_url)
    key = stores.s3_key
    client = Minio(url.netloc, key.access_key, key.secret_key, secure=url.scheme == "https")
    for bucket in (BUCKET, ARCHIVES):
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
