"""Looking again and again at what a metric shows, beside the work."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.telemetry.logs import get_logger

log = get_logger(__name__)
AWAY = (ConnectionError, TimeoutError)  # a store's, of which one line says all


class LookCancelled(RuntimeError):
    """A look was cancelled by nobody who may end the watching: a library let out a cancellation of its own."""


async def watch(name: str, look: Callable[[], Awaitable[None]], every_seconds: float) -> None:
    """Look until cancelled, whatever a look raises: each new reason for a failure is one line of the log."""
    told = ""
    while True:
        try:
            await uncancelled(look)
            told = ""
        except Exception as failure:  # one look must not end all later ones
            reason = f"{type(failure).__name__}: {failure}"
            if reason != told:
                fault = None if isinstance(failure, AWAY) else failure
                log.warning("metric_not_measured", metric=name, reason=reason, exc_info=fault)
            told = reason
        await asyncio.sleep(every_seconds)


async def uncancelled(look: Callable[[], Awaitable[None]]) -> None:
    """Look once; raises LookCancelled where it would end without a word."""
    try:
        await look()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        raise LookCancelled("by a library") from None
