"""What calls come to is counted by method and code, and timed where the call is no stream."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from libs.errors import Refusal
from tests.libs.generated import probe
from tests.libs.rpc.conftest import Fleet
from tests.libs.waiting import eventually

SERVICE = probe.DESCRIPTOR.services_by_name["ProbeService"].full_name


def counted(method: str, code: str) -> float | None:
    labels = {"method": f"{SERVICE}.{method}", "code": code}
    return REGISTRY.get_sample_value("orrery_rpc_server_calls_total", labels)


def timed(method: str) -> float | None:
    return REGISTRY.get_sample_value("orrery_rpc_server_seconds_count", {"method": f"{SERVICE}.{method}"})


@pytest.mark.usefixtures("fleet")
async def test_ends_that_alerts_stand_on_are_there_before_the_first_call() -> None:
    assert {counted("Fleet", code) is not None for code in ("OK", "INTERNAL", "UNAVAILABLE")} == {True}


@pytest.mark.parametrize(
    ("what", "code"),
    [("hello", "OK"), ("NotFound", "NOT_FOUND"), ("raise fault", "INTERNAL"), ("raise away", "UNAVAILABLE")],
)
async def test_a_call_is_counted_once_under_its_code(what: str, code: str, fleet: Fleet) -> None:
    before, times = counted("Session", code) or 0, timed("Session") or 0

    try:
        await fleet.call("Session", what)
    except Refusal:
        assert code != "OK"

    assert counted("Session", code) == before + 1
    assert timed("Session") == times + 1


async def test_a_call_that_its_caller_gave_up_is_a_cancelled_one(fleet: Fleet) -> None:
    before = counted("User", "CANCELLED") or 0
    calling = asyncio.create_task(fleet.call("User", "wait"))
    await fleet.servicer.entered.wait()

    calling.cancel()

    async def is_counted() -> bool:
        return counted("User", "CANCELLED") == before + 1

    await eventually(is_counted)


async def test_a_stream_is_counted_and_not_timed(fleet: Fleet) -> None:
    before = counted("Many", "OK") or 0

    assert [text async for text in fleet.many("hello", after=2)]

    assert counted("Many", "OK") == before + 1
    assert timed("Many") is None
