"""What a metric shows is looked at again and again, whatever one look raises."""

import asyncio
from collections.abc import Iterator

import structlog

from libs.telemetry import watch
from tests.libs.waiting import eventually


class Looks:
    """Each look raises the next of these, and none after the last."""

    def __init__(self, *failures: BaseException) -> None:
        self._failures: Iterator[BaseException] = iter(failures)
        self.done = False

    async def look(self) -> None:
        for failure in self._failures:
            raise failure
        self.done = True

    async def is_done(self) -> bool:
        return self.done


async def reasons(*failures: BaseException) -> list[str]:
    """What is told of these until a look succeeds."""
    looks = Looks(*failures)
    with structlog.testing.capture_logs() as logs:
        watching = asyncio.create_task(watch("probe", looks.look, 0.001))
        await eventually(looks.is_done)
        watching.cancel()
        await asyncio.wait([watching])
    assert watching.cancelled()
    return [line["reason"] for line in logs if (line["event"], line["metric"]) == ("metric_not_measured", "probe")]


async def test_a_reason_is_told_once_and_another_too() -> None:
    told = await reasons(LookupError("a"), LookupError("a"), ConnectionError("b"), LookupError("a"))

    assert told == ["LookupError: a", "ConnectionError: b", "LookupError: a"]


async def test_a_cancellation_that_nobody_asked_for_does_not_end_it() -> None:
    assert await reasons(asyncio.CancelledError()) == ["LookCancelled: by a library"]


async def test_it_ends_when_it_is_cancelled_in_the_middle_of_a_look() -> None:
    looking = asyncio.Event()

    async def look() -> None:
        looking.set()
        await asyncio.Event().wait()

    watching = asyncio.create_task(watch("probe", look, 0.001))
    await looking.wait()
    watching.cancel()
    await asyncio.wait([watching])

    assert watching.cancelled()
