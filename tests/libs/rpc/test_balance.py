"""A service has many pods behind one name: calls go round them, and none is lost as they come, age and go."""

import asyncio
from collections.abc import Callable

from libs.rpc import Client, Signer
from tests.libs.rpc.load import under_load
from tests.libs.rpc.names import Names
from tests.libs.rpc.pods import Start
from tools.stack import ports


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
