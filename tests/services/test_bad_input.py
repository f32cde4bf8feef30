"""A service that was given a wrong database says why it is not ready, in one line, and lives until that is mended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import psycopg
import pytest

from libs.database import provision as administer
from libs.database.migrate import upgrade
from tests.libs.waiting import eventually
from tests.services.running import NOBODY, public_key
from tools.stack import parts, ports

PATIENCE = 60.0


@pytest.fixture(scope="module")
def guarded() -> Iterator[parts.Postgres]:
    """A server that asks for passwords, with an empty schema for control-plane."""
    with parts.Postgres.ephemeral(password="the administrator's") as server:
        administer.provision(server.dsn(), "control", "owner", "app")
        yield server


@dataclass(frozen=True)
class Started:
    """control-plane over some database."""

    process: "subprocess.Popen[bytes]"
    operations: str
    log: Path

    async def reason(self) -> str:
        """Why /readyz says that the database does not answer; empty while nothing is said."""
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"http://{self.operations}/readyz")
        except httpx.TransportError:
            return ""
        return str(answer.json().get("reasons", {}).get("database", "" if answer.is_error else "ready"))

    async def is_ready(self) -> bool:
        return await self.reason() == "ready"

    def told(self, event: str) -> list[str]:
        """The reasons of such lines of its log."""
        lines = [orjson.loads(line) for line in self.log.read_text().splitlines()]
        return [line["reasons"]["database"] for line in lines if line["event"] == event]


@contextmanager
def started(dsn: str, folder: Path) -> Iterator[Started]:
    operations, log = f"127.0.0.1:{ports.free()}", folder / "service.log"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f".{os.pathsep}gen",
        "ORRERY_DATABASE__DSN": dsn,
        "ORRERY_KAFKA__BROKERS": NOBODY,
        "ORRERY_RPC__LISTEN": "127.0.0.1:0",
        "ORRERY_RPC__IDENTITY_KEYS": str(public_key(folder)),
        "ORRERY_PROCESS__OPERATIONS": operations,
    }
    with log.open("wb") as output:
        command = [sys.executable, "-m", "services.control_plane"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield Started(process, operations, log)
    finally:
        process.kill()
        process.wait()


async def test_a_wrong_password_is_the_reason_and_no_crash(guarded: parts.Postgres, tmp_path: Path) -> None:
    why = 'PostgreSQL: password authentication failed for user "control_app"'

    with started(guarded.dsn(user="control_app", password="hunter2"), tmp_path) as service:
        assert await eventually(service.reason) == why
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0

    assert service.told("not_ready") == [why]
    assert "Traceback" not in service.log.read_text()
    assert "hunter2" not in service.log.read_text()


async def test_a_schema_that_is_not_there_yet_is_the_reason_until_it_is(
    guarded: parts.Postgres, tmp_path: Path
) -> None:
    with started(guarded.dsn(user="control_app", password="app"), tmp_path) as service:
        assert await eventually(service.reason) == 'PostgreSQL: relation "alembic_version" does not exist'

        upgrade(Path("services/control_plane"), guarded.dsn(user="control_owner", password="owner"))
        await eventually(service.is_ready)

        take_rights(guarded)
        assert (
            await eventually(lambda: is_unready(service)) == "PostgreSQL: permission denied for table alembic_version"
        )
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0

    assert len(service.told("not_ready")) == 2
    assert "Traceback" not in service.log.read_text()


async def is_unready(service: Started) -> str:
    found = await service.reason()
    return "" if found == "ready" else found


def take_rights(server: parts.Postgres) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as administrator:
        administrator.execute("REVOKE ALL ON ALL TABLES IN SCHEMA control FROM control_app")
