"""Gateways as processes, an auth that they call, and callers."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from orrery.auth.v1 import accounts_pb2 as pb
from orrery.auth.v1 import accounts_pb2_grpc as rpc

from libs.rpc import Server, caller
from libs.settings import RpcSettings
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, Auth
from tools.stack import ports

ROOT = Path(__file__).parents[3]
NOWHERE = "127.0.0.1:1"
ELSEWHERE = ("MEDIA", "AUDIT", "AI_INFERENCE", "DOMAIN_DATA", "CONTROL_PLANE")
PATIENCE = 60.0


class Accounts(rpc.AccountsServiceServicer):
    """Answers who called; `hold` keeps calls waiting."""

    def __init__(self) -> None:
        self.hold = asyncio.Event()
        self.hold.set()
        self.held = 0

    async def is_holding(self) -> bool:
        return self.held > 0

    async def GetMe(self, request: pb.GetMeRequest, context: Any) -> pb.Account:
        if not self.hold.is_set():
            self.held += 1
            await self.hold.wait()
        return pb.Account(user_id=caller().user_id, id=caller().subject, username="somebody")


class WholeAuth(Auth):
    """Keys and accounts at one port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.accounts = Accounts()  # type: ignore[abstract]  # only GetMe is called

    async def start(self) -> None:
        settings = RpcSettings(listen=f"127.0.0.1:{self.port}", identity_keys=str(self.identity_public))
        self._server = Server(settings, self.keyring, self.accounts)
        self.port = self._server.port
        await self._server.start()
        await self._server.set_ready(True)


class Running:
    """A gateway that was started."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, operations: int, spool: Path, log: Path) -> None:
        self.process, self.spool, self.log = process, spool, log
        self.port, self.operations = port, operations
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)

    async def me(self, token: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "x-request-id": uuid.uuid4().hex} | options.pop("headers", {})
        return await self.http.get("/api/auth/me", headers=headers, **options)

    async def ready(self) -> "Running":
        async with asyncio.timeout(PATIENCE):
            while not await self.is_ready():
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)
        return self

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"http://127.0.0.1:{self.operations}/readyz", timeout=5)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()


@asynccontextmanager
async def gateway(folder: Path, auth: Auth, **environment: str) -> AsyncIterator[Running]:
    """A gateway process; ready if it can be is the caller's to wait for."""
    port, operations = ports.free(), ports.free()
    log = folder / f"gateway-{port}.log"
    told = environ(folder, auth, port, operations, environment)
    process = spawn(told, log)
    running = Running(process, port, operations, Path(told["ORRERY_SPOOL"]), log)
    try:
        yield running
    finally:
        await running.http.aclose()
        family = [process.pid, *(child.pid for child in running.children())] if process.poll() is None else []
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        process.wait()


def spawn(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        command = [sys.executable, "-m", "gateway"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> bool:
    """True once it holds; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.02)
    return True


def environ(folder: Path, auth: Auth, port: int, operations: int, own: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORRERY_")}
    services = dict.fromkeys(ELSEWHERE, NOWHERE)
    return {
        **inherited,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}",
        "ORRERY_LISTEN": f"127.0.0.1:{port}",
        "ORRERY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ORRERY_TOKENS__ISSUER": ISSUER,
        "ORRERY_TOKENS__AUDIENCE": AUDIENCE,
        "ORRERY_REDIS__URL": f"redis://{NOWHERE}/0",
        "ORRERY_KAFKA__BROKERS": NOWHERE,
        "ORRERY_MEETING_SECONDS": "0",
        "ORRERY_TIMEOUTS__LEAVING": "0.2",
        "ORRERY_IDENTITY__KEY": str(auth.identity_key),
        "ORRERY_SPOOL": str(folder / "spool"),
        "ORRERY_PROCESS__OPERATIONS": f"127.0.0.1:{operations}",
        **{f"ORRERY_SERVICES__{name}": address for name, address in services.items()},
        "ORRERY_SERVICES__AUTH": f"127.0.0.1:{auth.port}",
        **own,
    }
