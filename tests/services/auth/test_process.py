"""Auth as the process that is deployed."""

import asyncio
import base64
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from orrery.auth.v1.accounts_pb2 import DESCRIPTOR, RegisterRequest, SignedIn

from libs.database import SYSTEM, Database
from libs.rpc import Client, Passage, Signer
from libs.settings import DatabaseSettings, TlsSettings
from services.auth.accounts.repository import Accounts
from tests.libs.keys import key_files
from tests.libs.waiting import eventually
from tests.services.auth.environment import environment_of_auth
from tests.services.auth.house import MASTER, PASSWORD, VISITOR, name
from tools.stack import ports

REGISTER = DESCRIPTOR.services_by_name["AccountsService"].methods_by_name["Register"]


@dataclass
class Running:
    """A process that has said that it is ready."""

    process: Process
    address: str
    signer: Signer
    log: Path


@asynccontextmanager
async def running(database: DatabaseSettings, folder: Path) -> AsyncIterator[Running]:
    """`python -m services.auth` without a Kafka, from its first readiness to the block's end."""
    told, log = environment_of_auth(database, folder), folder / "auth.log"
    private, public = key_files(folder)
    address, operations = (f"127.0.0.1:{ports.free()}" for _ in range(2))
    environment = {
        **told,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f".{os.pathsep}gen",
        "ORRERY_RPC__LISTEN": address,
        "ORRERY_RPC__IDENTITY_KEYS": str(public),
        "ORRERY_PROCESS__OPERATIONS": operations,
        "ORRERY_PROCESS__DRAIN_SECONDS": "2",
        "ORRERY_TELEMETRY__LOG_LEVEL": "DEBUG",
    }
    command = sys.executable, "-m", "services.auth"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
    try:
        await eventually(lambda: is_ready(operations))
        yield Running(process, address, Signer(private), log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def is_ready(operations: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            return (await client.get(f"http://{operations}/readyz")).is_success
        except httpx.TransportError:
            return False


async def register(auth: Running) -> SignedIn:
    username, client = name(), Client("auth", auth.address, TlsSettings())
    request = RegisterRequest(username=username, email=f"{username}@example.com", password=PASSWORD)
    made = await client.bind(REGISTER, 60.0)(request, Passage(auth.signer.sign(VISITOR.identity())))
    await client.close()
    assert isinstance(made, SignedIn)
    return made


async def test_it_comes_up_without_kafka_registers_people_and_ends_cleanly(
    settings: DatabaseSettings, tmp_path: Path
) -> None:
    async with running(settings, tmp_path) as auth, Database(settings) as database:
        made = await register(auth)

        auth.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(auth.process.wait(), 60) == 0
        async with database.transaction(SYSTEM) as session:
            assert await Accounts(session).named(made.user.username, "")


async def test_its_log_tells_no_secret(settings: DatabaseSettings, tmp_path: Path) -> None:
    async with running(settings, tmp_path) as auth:
        made = await register(auth)
        written = auth.log.read_text()

    master = base64.b64encode(MASTER).decode()
    secrets = PASSWORD, made.refresh_token, made.token, master, "PRIVATE KEY", "$argon2id"
    assert '"event":"process_started"' in written
    assert not [secret for secret in secrets if secret in written]
