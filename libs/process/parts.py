"""The parts of a process, and leaving behind those that do not end."""

import asyncio
import os
from collections.abc import Coroutine, Generator, Iterable
from contextvars import Context
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from libs.telemetry import get_logger

log = get_logger(__name__)
STUCK_STATUS = 70
Result = TypeVar("Result")


class Parts(asyncio.TaskGroup):
    """A task group that does not wait for ever: after a part or the block failed, the others have this long to end."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._all: list[asyncio.Task[Any]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if failure:
            self._bound(failure)
        try:
            await super().__aexit__(kind, failure, trace)
        finally:
            if self._timer:
                self._timer.cancel()

    def create_task(
        self,
        coro: Generator[Any, None, Result] | Coroutine[Any, Any, Result],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[Result]:
        """Run it beside the others."""
        task = super().create_task(coro, name=name, context=context)
        self._all.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (failure := task.exception()):
            self._bound(failure)

    def _bound(self, failure: BaseException) -> None:
        if not self._timer:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, lambda: leave_behind(self._stuck(), failure))

    def _stuck(self) -> list[asyncio.Task[Any]]:
        return [one for one in self._all if not one.done()]


def leave_behind(stuck: Iterable[asyncio.Task[Any]], failure: BaseException | None = None) -> NoReturn:
    """End the process at once, and say for whom it does not wait: the supervisor would wait for ever, or kill it."""
    log.error("loops_stuck", loops=sorted(one.get_name() for one in stuck), exc_info=failure)
    os._exit(STUCK_STATUS)
