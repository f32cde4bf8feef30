"""PostgreSQL over TLS, its certificate checked, with a password that no URL could carry as it is."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import text

from libs.database import Database
from libs.database.engine import DatabaseAway
from libs.database.notify import Notifications
from libs.settings import DatabaseSettings
from tests.libs.keys import Authority
from tests.libs.tls import tls_before
from tools.stack import parts

PASSWORD = "s3cret@:/%+&#? '\\\""
SSL_REQUEST = struct.pack(">II", 8, 80_877_103)  # what libpq begins with


class Guarded(parts.Postgres):
    """The role `app` must show its password."""

    def prepare(self) -> None:
        super().prepare()
        rules = self.data / "pg_hba.conf"
        rules.write_text("host all app all scram-sha-256\n" + rules.read_text())


@pytest.fixture(scope="module")
def server() -> Iterator[Guarded]:
    with Guarded.ephemeral() as started:
        assert isinstance(started, Guarded)
        with psycopg.connect(started.dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE ROLE app LOGIN PASSWORD {}").format(PASSWORD))
        yield started


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "authority")


@pytest.fixture
async def port(server: Guarded, authority: Authority) -> AsyncIterator[int]:
    """Where it is had over TLS alone, as the embedded server itself has none."""
    async with tls_before(server.port, authority, asked=SSL_REQUEST) as port:
        yield port


def settings(port: int, authority: Authority, mode: str = "verify-full") -> DatabaseSettings:
    dsn = f"postgresql://app@localhost:{port}/orrery?sslmode={mode}&sslrootcert={authority.file}"
    return DatabaseSettings(dsn=SecretStr(dsn), pool_size=3)


async def test_every_connection_is_over_tls_and_takes_the_password_from_beside_the_address(
    port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    async with Database(settings(port, authority)) as database:
        async with database.transaction() as session:
            assert await session.scalar(text("SELECT current_user")) == "app"
        async with database.hot.connection() as connection:
            assert connection.pgconn.ssl_in_use
        async with Notifications(database, "things") as notifications:
            await notifications.wait(30)  # woken once it listens
            async with database.transaction() as session:
                await session.execute(text("NOTIFY things"))
            async with asyncio.timeout(30):
                await notifications._happened.wait()


async def test_a_server_of_another_authority_is_not_believed(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    async with Database(settings(port, Authority.make(tmp_path / "stranger"))) as database:
        with pytest.raises(DatabaseAway):
            async with database.transaction() as session:
                await session.execute(text("SELECT 1"))


async def test_a_wrong_password_is_no_answer(port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    async with Database(settings(port, authority)) as database:
        assert not await database.answers()
