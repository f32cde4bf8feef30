"""Readiness answers in time, whatever its checks do."""

import asyncio

from prometheus_client import REGISTRY

from libs.process.readiness import PARTS, Readiness


async def hangs() -> bool:
    return await asyncio.Event().wait()


async def answers() -> bool:
    return True


async def is_slow_itself() -> bool:
    raise TimeoutError("all connections are in use")


async def test_a_check_that_hangs_is_a_no_that_says_so_and_hides_no_other() -> None:
    readiness = Readiness()
    readiness.checks |= {"gone": hangs, "there": answers}

    assert await readiness.ask() == {"gone": False, "there": True, "accepting": True}

    assert readiness.reasons == {"gone": "no answer within 4 s"}


async def test_a_checks_own_timeout_says_its_own_reason() -> None:
    readiness = Readiness()
    readiness.checks["busy"] = is_slow_itself

    await readiness.ask()

    assert readiness.reasons == {"busy": "all connections are in use"}


async def test_a_part_that_is_only_reported_is_no_check_of_readiness() -> None:
    parts = Readiness(PARTS)
    parts.checks["shelf"] = is_slow_itself

    await parts.ask()

    assert REGISTRY.get_sample_value("orrery_process_part_up", {"part": "shelf"}) == 0
    assert REGISTRY.get_sample_value("orrery_process_ready", {"check": "shelf"}) is None
