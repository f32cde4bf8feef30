"""A server of the tests' own service, and clients that call it as anybody."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs import errors
from libs.errors import Refusal, Violation
from libs.rpc import Client, Passage, Server, Signer, caller, request_id
from libs.settings import RpcSettings, TlsSettings
from libs.telemetry import traceparent
from tests.libs.generated import probe, probe_rpc
from tests.libs.keys import key_files

KINDS = {kind.__name__: kind for kind in Refusal.__subclasses__()}
VIOLATIONS = (Violation("größe", "must be at most 5", "max"), Violation("items[3].name", "is missing", "required"))


class QuotaSpent(errors.Exhausted):
    def __init__(self) -> None:
        super().__init__("The quota is spent.", retry_after_seconds=30, limit="5 GiB")


class Probe(probe_rpc.ProbeServiceServicer):  # type: ignore[misc]  # generated for the tests
    """Does as it is told; remembers the streams that were closed on it."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def Anyone(self, request: Any, context: Any) -> Any:
        return await self.do(request.what)

    User = GetText = Session = Fleet = Anyone

    async def Many(self, request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            for number in range(request.after):
                yield probe.Answer(text=str(number))
            yield await self.do(request.what)
        finally:
            self.closed.set()

    async def do(self, what: str) -> Any:
        if what in KINDS:
            raise KINDS[what](f"{what}: so nicht, {what}.", number=5, word="größer")
        if what.startswith("raise "):
            raise ODD[what.removeprefix("raise ")]
        if what == "wait":
            self.entered.set()
            await self.release.wait()
        return probe.Answer(text={"who": who, "trace": trace}.get(what, lambda: what)())


ODD: dict[str, BaseException] = {
    "quota": QuotaSpent(),
    "violations": errors.Invalid("The request breaks rules.", VIOLATIONS),
    "many violations": errors.Invalid(
        "The request breaks rules.", tuple(Violation(f"field{n}", "x" * 200, "bad") for n in range(500))
    ),
    "fault": ValueError("hunter2"),
    "away": ConnectionRefusedError("hunter2"),
    "slow": TimeoutError("hunter2"),
    "cancelled": asyncio.CancelledError(),
    "lookup": LookupError("hunter2"),
    "japanese": errors.NotFound("この動画はありません。" * 40),
}


def who() -> str:
    return f"{caller().user_id} {caller().organization_id} {request_id()}"


def trace() -> str:
    return traceparent() or ""


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
