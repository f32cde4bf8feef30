"""Real parts for every test: one PostgreSQL, Kafka, S3 and Redis a session, started when first asked for.

A database is cloned per test file from a template that real provisioning and real migrations made.
"""

import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
import structlog
from pydantic import SecretStr

from libs.database.migrate import upgrade
from libs.database.provision import provision
from libs.settings import BlobSettings, DatabaseSettings, KafkaSettings
from tools.stack import parts
from tools.stack.parts.s3 import REGION

PASSWORD = "made-for-tests"
DatabaseFor = Callable[[str, str], DatabaseSettings]


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Structlog's own default draws each traceback with its locals, which blocks the event loop for seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[parts.Postgres]:
    with parts.Postgres.ephemeral() as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[parts.Kafka]:
    with parts.Kafka.ephemeral() as server:
        yield server


@pytest.fixture(scope="session")
def kafka_settings(kafka_server: parts.Kafka) -> KafkaSettings:
    return KafkaSettings(brokers=f"127.0.0.1:{kafka_server.port}")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[parts.Redis]:
    with parts.Redis.ephemeral() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[parts.ObjectStore]:
    with parts.chosen().ephemeral() as server:
        yield server


@pytest.fixture(scope="session")
def blob_settings(s3_server: parts.ObjectStore) -> BlobSettings:
    return blobs_of(s3_server)


def blobs_of(server: parts.ObjectStore) -> BlobSettings:
    """The settings of a service that uses this server."""
    return BlobSettings(
        endpoint=server.endpoint,
        public_endpoint=server.endpoint,
        access_key=server.user.access_key,
        secret_key=SecretStr(server.user.secret_key),
        bucket=server.bucket,
        region=REGION,
    )


@pytest.fixture(scope="session")
def template_for(postgres: parts.Postgres) -> Callable[[str, str], str]:
    """Makes, once a session, the template database of (schema, service folder)."""

    @cache
    def make(schema: str, folder: str) -> str:
        name = f"template_{schema}"
        with psycopg.connect(postgres.dsn(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        provision(postgres.dsn(database=name), schema, PASSWORD, PASSWORD)
        upgrade(Path(folder), postgres.dsn(user=f"{schema}_owner", password=PASSWORD, database=name))
        return name

    return make


@pytest.fixture(scope="module")
def database_for(postgres: parts.Postgres, template_for: Callable[[str, str], str]) -> Iterator[DatabaseFor]:
    """Clones a migrated database for this file: `database_for("media", "services/media")` → its app role's settings."""
    made: list[str] = []

    def clone(schema: str, folder: str) -> DatabaseSettings:
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(postgres.dsn(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template_for(schema, folder)}")
        made.append(name)
        dsn = postgres.dsn(user=f"{schema}_app", password=PASSWORD, database=name)
        return DatabaseSettings(dsn=SecretStr(dsn), pool_size=6)

    yield clone
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        for name in made:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
