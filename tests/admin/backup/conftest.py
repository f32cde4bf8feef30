"""A small fleet's stores: all schemas in one database, both buckets, a broker, and a folder for backups."""

import base64
import secrets
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from minio import Minio

from admin.schemas import SCHEMAS
from libs.blobs.client import connect
from libs.database.migrate import upgrade
from libs.database.provision import provision
from libs.settings import BlobSettings, KafkaSettings
from tests.admin.backup.keeper import Keeper
from tests.conftest import PASSWORD
from tools.stack import parts


@pytest.fixture(scope="session")
def whole_template(postgres: parts.Postgres) -> str:
    """A database with every service's schema, migrated."""
    name = "template_of_all"
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    for schema, folder in SCHEMAS.items():
        provision(postgres.dsn(database=name), schema, PASSWORD, PASSWORD)
        upgrade(folder, postgres.dsn(user=f"{schema}_owner", password=PASSWORD, database=name))
    return name


@pytest.fixture
def new_database(postgres: parts.Postgres, whole_template: str) -> Iterator[Callable[..., str]]:
    """Makes databases: with the fleet's empty schemas, or with nothing at all."""
    made: list[str] = []

    def make(template: str = whole_template) -> str:
        name = f"backup_{uuid.uuid4().hex}"
        with psycopg.connect(postgres.dsn(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return name

    yield make
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        for name in made:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def buckets(blob_settings: BlobSettings) -> Minio:
    """The S3 server, with nothing in the fleet's buckets."""
    client = connect(blob_settings, blob_settings.endpoint)
    for bucket in ("orrery-media", "orrery-auth"):
        for found in client.list_objects(bucket, recursive=True):
            client.remove_object(bucket, found.object_name or "")
    return client


@pytest.fixture
def master_key(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    return path


@pytest.fixture
def keeper(
    postgres: parts.Postgres,
    new_database: Callable[..., str],
    buckets: Minio,
    blob_settings: BlobSettings,
    passwords: Path,
    tmp_path: Path,
) -> Keeper:
    """Whoever keeps backups of a fleet of its own; it was not told of a broker."""
    return Keeper(postgres, new_database(), passwords, blob_settings, buckets, tmp_path / "backups")


@pytest.fixture
def keeper_with_kafka(keeper: Keeper, kafka_settings: KafkaSettings) -> Keeper:
    keeper.environment["ORRERY_KAFKA__BROKERS"] = kafka_settings.brokers
    return keeper
