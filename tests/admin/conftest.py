"""A PostgreSQL database of a file's own, and the environment that the admin image has."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from admin.schemas import SCHEMAS
from libs.settings import BlobSettings, KafkaSettings
from tests.admin.cli import orrery
from tests.conftest import PASSWORD
from tools.stack import parts

Told = dict[str, str]


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the cluster mounts it."""
    folder = tmp_path_factory.mktemp("passwords")
    for schema in SCHEMAS:
        for role in ("owner", "app"):
            (folder / f"{schema}_{role}").write_text(PASSWORD)
    (folder / "admin").write_text("asked for by no server of the tests")
    return folder


def told_of(postgres: parts.Postgres, database: str, passwords: Path) -> Told:
    """The ORRERY_ names of a PostgreSQL database."""
    admin = psycopg.conninfo.conninfo_to_dict(postgres.dsn())
    return {
        "ORRERY_POSTGRES__URL": f"postgresql://{admin['host']}:{admin['port']}/{database}",
        "ORRERY_POSTGRES__ADMIN_USER": str(admin["user"]),
        "ORRERY_POSTGRES__PASSWORDS": str(passwords),
    }


def made(postgres: parts.Postgres, template: str = "template1") -> Iterator[str]:
    name = f"admin_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    with psycopg.connect(postgres.dsn(), autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def empty_database(postgres: parts.Postgres) -> Iterator[str]:
    """The name of a database in which nothing is."""
    yield from made(postgres)


@pytest.fixture(scope="module")
def told(postgres: parts.Postgres, empty_database: str, passwords: Path) -> Told:
    """The environment of a fresh installation."""
    return told_of(postgres, empty_database, passwords)


@pytest.fixture(scope="session")
def migrated_template(postgres: parts.Postgres, passwords: Path) -> Iterator[str]:
    """All schemas, once a session."""
    for name in made(postgres):
        said = orrery("migrate", told=told_of(postgres, name, passwords))
        assert said.status == 0, said.err
        yield name


@pytest.fixture(scope="module")
def database(postgres: parts.Postgres, migrated_template: str) -> Iterator[str]:
    """The name of a database with every schema."""
    yield from made(postgres, migrated_template)


@pytest.fixture(scope="module")
def told_all(
    postgres: parts.Postgres,
    database: str,
    passwords: Path,
    kafka_settings: KafkaSettings,
    blob_settings: BlobSettings,
    redis_server: parts.Redis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Told:
    """The environment of an installation that runs."""
    master = tmp_path_factory.mktemp("keys") / "master.key"
    master.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    return {
        **told_of(postgres, database, passwords),
        "ORRERY_KAFKA__BROKERS": kafka_settings.brokers,
        "ORRERY_BLOBS__ENDPOINT": blob_settings.endpoint,
        "ORRERY_BLOBS__ACCESS_KEY": blob_settings.access_key,
        "ORRERY_BLOBS__SECRET_KEY": blob_settings.secret_key.get_secret_value(),
        "ORRERY_BUCKETS": blob_settings.bucket,
        "ORRERY_REDIS__URL": redis_server.url,
        "ORRERY_KEYS__MASTER": str(master),
    }
