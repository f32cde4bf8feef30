"""A service has many pods behind one name: calls go round them, and none is lost as they come, age and go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from libs.errors import Internal, Unavailable
from libs.rpc import Client, Passage, Server, Signer
from libs.rpc.client import PAUSES, RETRIES
from libs.settings import RpcSettings, TlsSettings
from tests.libs.generated import probe
from tests.libs.keys import key_files
from tests.libs.rpc.conftest import Probe, user
from tests.libs.rpc.dying import dies_after
from tests.libs.rpc.load import METHODS, under_load
from tests.libs.rpc.names import Names
from tools.stack import ports

FOREVER = 3600.0


class Counted(Probe):
    """How many calls this pod was given."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def User(self, request: Any, context: Any) -> Any:
        self.calls += 1
        return await self.do(request.what)

    GetText = User


class Pod:
    def __init__(self, address: str, public: Path, age: float) -> None:
        self.probe = Counted()
        settings = RpcSettings(listen=address, identity_keys=str(public), connection_seconds=age)
        self.server = Server(settings, self.probe)

    async def was_called(self) -> None:
        """Return when it was called again."""
        async with asyncio.timeout(60):
            before = self.probe.calls
            while self.probe.calls == before:  # noqa: ASYNC110  # the servicer counts
                await asyncio.sleep(0.02)


Start = Callable[..., Awaitable[Pod]]


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


async def test_calls_go_round_all_addresses_of_a_name(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    pods = [await start(f"{host}:{port}") for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3")]
    async with (
        Names("127.0.0.1", "127.0.0.2", "127.0.0.3") as names,
        under_load(connect(names.target(port)), signer) as load,
    ):
        await load.more(300)

    counts = [pod.probe.calls for pod in pods]
    assert min(counts) > max(counts) / 2, counts


async def test_connections_that_reach_their_age_lose_no_call(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    await start(f"127.0.0.1:{port}", age=0.2)

    async with under_load(connect(f"127.0.0.1:{port}"), signer) as load:
        for _ in range(5):
            await asyncio.sleep(0.5)
            await load.more(50)


async def test_a_pod_that_was_added_is_found_when_connections_have_aged(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    await start(f"127.0.0.1:{port}", age=0.5)
    async with Names("127.0.0.1") as names, under_load(connect(names.target(port)), signer):
        added = await start(f"127.0.0.2:{port}", age=0.5)
        names.addresses = ("127.0.0.1", "127.0.0.2")

        await added.was_called()


async def test_a_pod_that_drains_loses_no_call(start: Start, connect: Callable[[str], Client], signer: Signer) -> None:
    first, second = [await start(f"127.0.0.1:{ports.free()}") for _ in range(2)]
    both = f"ipv4:127.0.0.1:{first.server.port},127.0.0.1:{second.server.port}"
    async with under_load(connect(both), signer) as load:
        await first.was_called()
        await first.server.stop(5.0)
        before = first.probe.calls
        await load.more()

    assert first.probe.calls == before


async def test_pods_replaced_one_by_one_lose_no_call(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    running = await start(f"127.0.0.1:{port}")
    async with Names("127.0.0.1") as names, under_load(connect(names.target(port)), signer) as load:
        for host in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            successor = await start(f"{host}:{port}")
            names.addresses = (host,)
            await running.server.stop(5.0)
            await successor.was_called()
            running = successor
            await load.more()


async def ask(client: Client, signer: Signer, method: str, what: str) -> str:
    answer: Any = await client.bind(METHODS[method], 10.0)(probe.Ask(what=what), Passage(signer.sign(user())))
    return str(answer.text)


async def many(client: Client, signer: Signer, what: str = "end") -> list[str]:
    call = client.bind(METHODS["Many"], 10.0)
    answers: list[Any] = [
        each async for each in call.stream(probe.Ask(what=what, after=2), Passage(signer.sign(user())))
    ]
    return [each.text for each in answers]


def tried_again(method: str) -> float:
    name = METHODS[method].full_name
    return RETRIES.labels(name)._value.get()  # type: ignore[no-any-return]  # it has no getter


async def test_a_write_that_found_no_pod_is_sent_when_there_is_one(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again("User")
    calling = asyncio.create_task(ask(connect(f"127.0.0.1:{port}"), signer, "User", "hello"))
    async with asyncio.timeout(30):
        while tried_again("User") == before:  # noqa: ASYNC110  # gRPC tells nobody
            await asyncio.sleep(0.01)

    await start(f"127.0.0.1:{port}")

    assert await calling == "hello"


async def test_a_stream_that_found_no_pod_begins_when_there_is_one(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again("Many")
    calling = asyncio.create_task(many(connect(f"127.0.0.1:{port}"), signer))
    async with asyncio.timeout(30):
        while tried_again("Many") == before:  # noqa: ASYNC110  # gRPC tells nobody
            await asyncio.sleep(0.01)

    await start(f"127.0.0.1:{port}")

    assert await calling == ["0", "1", "end"]


async def test_a_stream_that_has_begun_is_not_begun_again(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again("Many")
    pod = await start(f"127.0.0.1:{port}")
    calling = asyncio.create_task(many(connect(f"127.0.0.1:{port}"), signer, "wait"))
    await pod.probe.entered.wait()

    await pod.server.stop(0.2)

    with pytest.raises(Unavailable):
        await calling
    assert tried_again("Many") == before


async def test_a_read_whose_pod_died_is_asked_again_and_a_write_is_not(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    client, dying = connect(f"127.0.0.1:{port}"), asyncio.create_task(dies_after(2, port))
    read, write = (asyncio.create_task(ask(client, signer, name, "x")) for name in ("GetText", "User"))

    await dying
    successor = await start(f"127.0.0.1:{port}")

    assert await read == "x"
    with pytest.raises(Unavailable):
        await write
    assert successor.probe.calls == 1


async def test_what_still_runs_when_the_grace_ends_is_refused_and_not_sent_again(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again("User")
    pod = await start(f"127.0.0.1:{port}")
    write = asyncio.create_task(ask(connect(f"127.0.0.1:{port}"), signer, "User", "wait"))
    await pod.probe.entered.wait()

    await pod.server.stop(0.2)

    with pytest.raises(Unavailable):
        await write
    assert tried_again("User") == before


async def test_a_handler_that_cancels_itself_is_a_fault_and_not_run_again(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port = ports.free()
    pod = await start(f"127.0.0.1:{port}")

    with pytest.raises(Internal):
        await ask(connect(f"127.0.0.1:{port}"), signer, "User", "raise cancelled")
    assert pod.probe.calls == 1


async def test_what_a_service_refuses_is_not_asked_again(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again("GetText")
    await start(f"127.0.0.1:{port}")

    with pytest.raises(Unavailable, match="so nicht"):
        await ask(connect(f"127.0.0.1:{port}"), signer, "GetText", "Unavailable")

    assert tried_again("GetText") == before


async def test_a_name_that_has_no_address_is_a_service_that_is_away(
    connect: Callable[[str], Client], signer: Signer
) -> None:
    async with Names() as names:
        before = tried_again("User")
        with structlog.testing.capture_logs() as logs, pytest.raises(Unavailable):
            await ask(connect(names.target(1)), signer, "User", "x")

        assert names.asked
        assert tried_again("User") == before + len(PAUSES)
        assert "errors resolving probe.test" in logs[-1]["reason"]


async def test_a_name_whose_address_comes_late_is_found_by_the_next_call(
    start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    """By itself gRPC asks for it again after pauses that grow to two minutes."""
    port = ports.free()
    async with Names() as names:
        client = connect(names.target(port))
        for _ in range(2):
            with pytest.raises(Unavailable):
                await ask(client, signer, "User", "x")
        await start(f"127.0.0.1:{port}")
        names.addresses = ("127.0.0.1",)

        assert await ask(client, signer, "User", "hello") == "hello"
