"""A server of the tests' own service, and clients that call it as anybody."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.rpc import Client, Passage, Server, Signer
from libs.settings import RpcSettings, TlsSettings
from tests.libs.generated import probe
from tests.libs.keys import key_files
from tests.libs.rpc.pods import FOREVER, Pod, Start
from tests.libs.rpc.servicer import Probe


@dataclass
class Fleet:
    """A server, a client of it, and the gateway's signer."""

    server: Server
    client: Client
    signer: Signer
    servicer: Probe
    public: Path
    methods: dict[str, Any] = field(
        default_factory=lambda: {m.name: m for m in probe.DESCRIPTOR.services_by_name["ProbeService"].methods}
    )

    async def call(self, name: str, what: str = "", identity: bytes | None = None, seconds: float = 30.0) -> str:
        passage = Passage(self.signer.sign(user()) if identity is None else identity, "req-5")
        answer: Any = await self.client.bind(self.methods[name], seconds)(probe.Ask(what=what), passage)
        return str(answer.text)

    async def many(self, what: str, after: int = 0, identity: bytes | None = None) -> AsyncIterator[str]:
        passage = Passage(self.signer.sign(user()) if identity is None else identity, "req-5")
        call = self.client.bind(self.methods["Many"], 30.0)
        async for answer in call.stream(probe.Ask(what=what, after=after), passage):
            yield answer.text  # type: ignore[attr-defined]  # an Answer


def user(**changed: Any) -> Identity:
    values: dict[str, Any] = {
        "subject": "a-uuid",
        "user_id": 7,
        "organization_id": "an-organization",
        "scopes": ["*"],
        "credential": Credential.CREDENTIAL_SESSION,
    }
    return Identity(**(values | changed))


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    private, public = key_files(tmp_path / "gateway")
    servicer = Probe()
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)), servicer)
    await server.start()
    client = Client("probe", f"127.0.0.1:{server.port}", TlsSettings())
    yield Fleet(server, client, Signer(private), servicer, public)
    await client.close()
    await server.stop(0)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    return key_files(tmp_path / "gateway")


@pytest.fixture
def signer(keys: tuple[Path, Path]) -> Signer:
    return Signer(keys[0])


@pytest.fixture
async def start(keys: tuple[Path, Path]) -> AsyncIterator[Start]:
    """Starts a pod at an address whose connections get so many seconds old."""
    pods: list[Pod] = []

    async def make(address: str, age: float = FOREVER) -> Pod:
        pods.append(pod := Pod(address, keys[1], age))
        await pod.server.start()
        return pod

    yield make
    for pod in pods:
        await pod.server.stop(0)


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[str], Client]]:
    clients: list[Client] = []

    def make(address: str) -> Client:
        clients.append(client := Client("probe", address, TlsSettings()))
        return client

    yield make
    for client in clients:
        await client.close()
