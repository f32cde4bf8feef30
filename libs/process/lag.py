"""How late the event loop is: what everything in this process waits before its turn comes."""

import asyncio
import time

from prometheus_client import Histogram

EVERY_SECONDS = 0.5
LAG = Histogram(
    "orrery_event_loop_lag_seconds",
    "How much later than asked a task of this process runs.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


class Lag:
    """Sleeps half a second again and again, and notes what came on top."""

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(EVERY_SECONDS)
            LAG.observe(max(0.0, time.perf_counter() - began - EVERY_SECONDS))
