"""What surely no pod has begun is sent again; nothing else is, but reads whose pod died."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import structlog

from libs.errors import Internal, Unavailable
from libs.rpc import Client, Passage, Signer
from libs.rpc.client import PAUSES, RETRIES
from tests.libs.generated import probe
from tests.libs.rpc.conftest import user
from tests.libs.rpc.dying import dies_after
from tests.libs.rpc.load import METHODS
from tests.libs.rpc.names import Names
from tests.libs.rpc.pods import Start
from tools.stack import ports


async def ask(client: Client, signer: Signer, method: str, what: str) -> str:
    answer: Any = await client.bind(METHODS[method], 10.0)(probe.Ask(what=what), Passage(signer.sign(user())))
    return str(answer.text)


async def stream(client: Client, signer: Signer, method: str, what: str) -> str:
    """All answers, of which there are two before the last."""
    call = client.bind(METHODS[method], 10.0)
    asked, passage = probe.Ask(what=what, after=2), Passage(signer.sign(user()))
    answers: list[Any] = [each async for each in call.stream(asked, passage)]
    assert [each.text for each in answers[:-1]] == ["0", "1"]
    return str(answers[-1].text)


Send = Callable[[Client, Signer, str, str], Coroutine[Any, Any, str]]
CALLS = [pytest.param("User", ask, id="a write"), pytest.param("Many", stream, id="a stream")]


def tried_again(method: str) -> float:
    name = METHODS[method].full_name
    return RETRIES.labels(name)._value.get()  # type: ignore[no-any-return]  # it has no getter


async def was_tried_again(method: str, before: float) -> None:
    async with asyncio.timeout(30):
        while tried_again(method) == before:  # noqa: ASYNC110  # gRPC tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("method", "call"), CALLS)
async def test_a_call_that_found_no_pod_is_sent_when_there_is_one(
    method: str, call: Send, start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again(method)
    calling = asyncio.create_task(call(connect(f"127.0.0.1:{port}"), signer, method, "hello"))
    await was_tried_again(method, before)

    await start(f"127.0.0.1:{port}")

    assert await calling == "hello"


@pytest.mark.parametrize(("method", "call"), CALLS)
async def test_what_still_runs_when_the_grace_ends_is_refused_and_not_sent_again(
    method: str, call: Send, start: Start, connect: Callable[[str], Client], signer: Signer
) -> None:
    port, before = ports.free(), tried_again(method)
    pod = await start(f"127.0.0.1:{port}")
    calling = asyncio.create_task(call(connect(f"127.0.0.1:{port}"), signer, method, "wait"))
    await pod.probe.entered.wait()

    await pod.server.stop(0.2)

    with pytest.raises(Unavailable):
        await calling
    assert tried_again(method) == before


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
