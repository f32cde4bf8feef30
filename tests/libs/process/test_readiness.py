"""Readiness answers in time, whatever its checks do."""

import asyncio

from libs.process.readiness import Readiness


async def hangs() -> bool:
    return await asyncio.Event().wait()


async def answers() -> bool:
    return True


async def test_a_check_that_hangs_is_a_no_that_says_so_and_hides_no_other() -> None:
    readiness = Readiness()
    readiness.checks |= {"gone": hangs, "there": answers}

    assert await readiness.ask() == {"gone": False, "there": True, "accepting": True}

    assert readiness.reasons == {"gone": "no answer within 4 s"}
