"""What else a call carries, and how servers begin and end."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from libs.errors import CannotStart, Unavailable
from libs.rpc import Server
from libs.settings import RpcSettings
from libs.telemetry import span
from tests.libs.keys import key_files
from tests.libs.rpc.conftest import Fleet, user
from tests.libs.rpc.servicer import Probe
from tests.libs.waiting import eventually

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("streams", [False, True])
async def test_a_trace_goes_on_in_the_service(streams: bool, fleet: Fleet) -> None:
    with span("caller", parent=PARENT):
        seen = [text async for text in fleet.many("trace")][-1] if streams else await fleet.call("User", "trace")

    assert seen.split("-")[1] == PARENT.split("-")[1]


async def test_a_stream_that_is_left_ends_in_the_service_too(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    async for _ in fleet.many("wait", after=2):
        break

    await asyncio.wait_for(fleet.servicer.closed.wait(), 30)
    assert not [record for record in caplog.records if "detach" in record.message or record.levelname == "ERROR"]


async def test_a_caller_that_gives_up_cancels_the_call(fleet: Fleet) -> None:
    calling = asyncio.create_task(fleet.call("User", "wait"))
    await fleet.servicer.entered.wait()

    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_health_follows_readiness(fleet: Fleet) -> None:
    await fleet.server.set_ready(True)
    assert await fleet.client.is_ready()

    await fleet.server.set_ready(False)
    assert not await fleet.client.is_ready()

    await fleet.server.stop(0)
    assert not await fleet.client.is_ready()


async def test_a_stopping_server_lets_a_running_call_end_and_takes_no_new_one(fleet: Fleet) -> None:
    running = asyncio.create_task(fleet.call("User", "wait"))
    await fleet.servicer.entered.wait()

    stopping = asyncio.create_task(fleet.server.stop(60))
    await eventually(lambda: is_refused(fleet))
    fleet.servicer.release.set()

    assert await running == "wait"
    await stopping


async def test_a_client_finds_a_service_that_came_back(fleet: Fleet, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{fleet.server.port}"
    await fleet.call("User", "hello")
    await fleet.server.stop(0)
    assert await is_refused(fleet)

    again = Server(RpcSettings(listen=listen, identity_keys=str(fleet.public)), Probe())
    await again.start()

    await eventually(lambda: is_served(fleet))
    await again.stop(0)


async def test_a_taken_port_is_an_error(fleet: Fleet) -> None:
    settings = RpcSettings(listen=f"127.0.0.1:{fleet.server.port}", identity_keys=str(fleet.public))

    with pytest.raises(CannotStart, match="cannot be listened on"):
        Server(settings, Probe())


@pytest.mark.parametrize("is_on", [True, False])
async def test_reflection_is_a_setting(is_on: bool, tmp_path: Path) -> None:
    _, public = key_files(tmp_path)
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public), reflection=is_on), Probe())
    await server.start()

    try:
        names = await listed(server.port)
    except grpc.aio.AioRpcError as error:
        names = {error.code().name}

    assert names == (
        {"made_up.probe.v1.ProbeService", "grpc.reflection.v1alpha.ServerReflection"} if is_on else {"UNIMPLEMENTED"}
    )
    await server.stop(0)


async def test_calls_of_many_callers_do_not_mix(fleet: Fleet) -> None:
    async def one(number: int) -> bool:
        identity = fleet.signer.sign(user(user_id=number, organization_id=f"o{number}"))
        return await fleet.call("User", "who", identity) == f"{number} o{number} req-5"

    assert all(await asyncio.gather(*(one(number) for number in range(1, 60))))


async def listed(port: int) -> set[str]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]  # typed for grpc alone
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        answers: Any = stub.ServerReflectionInfo(iter([ask]), timeout=30)
        return {service.name async for answer in answers for service in answer.list_services_response.service}


async def is_refused(fleet: Fleet) -> bool:
    try:
        await fleet.call("User", "hello")
    except Unavailable:
        return True
    return False


async def is_served(fleet: Fleet) -> bool:
    return not await is_refused(fleet)
