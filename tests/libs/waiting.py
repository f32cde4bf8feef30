"""Waiting for what happens elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from libs.process import Runnable

Answer = TypeVar("Answer")
PATIENCE = 60.0


@asynccontextmanager
async def running(*loops: Runnable) -> AsyncIterator[None]:
    """Run the loops beside the block; one that ends by itself fails the test."""
    tasks = [asyncio.create_task(one.run()) for one in loops]
    try:
        yield
        assert not any(task.done() for task in tasks), "a loop ended by itself"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def eventually(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The first answer that is something; asked until the patience ends, which is a failure and no measure."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await ask()):  # noqa: ASYNC110  # what is asked lies in other processes
            await asyncio.sleep(0.05)
        return found
