"""Several processes on one port: started anew when they die, ended together, shown as one.

Each is a process of its own from its first instruction (grpc does not live through a fork), binds the port by
SO_REUSEPORT and ends with this one, however this one ends.
"""

import asyncio
import ctypes
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client import REGISTRY, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from gateway.settings import GatewaySettings, environment_of_worker
from libs.process import FAREWELL_SECONDS, Process
from libs.rpc import bound
from libs.telemetry import get_logger

log = get_logger(__name__)
ROLE = "worker"  # the argument that makes `python -m gateway` one of several
PR_SET_PDEATHSIG = 1
ASK_SECONDS = 1.0
SHORT_LIFE_SECONDS = 10.0  # a process that ends sooner is not started again at once
LONGEST_PAUSE_SECONDS = 10.0
KILL_SECONDS = 1.0  # what is left for it before this process, too, has to have ended


class Worker:
    """One of the processes, and its successors."""

    def __init__(self, number: int, settings: GatewaySettings) -> None:
        self.number, self._settings = number, settings
        self._host = settings.process.operations.rpartition(":")[0]
        self._patience = settings.process.drain_seconds + FAREWELL_SECONDS - KILL_SECONDS
        self._port = 0

    async def run(self) -> None:
        """Keep it running until cancelled; then let it drain."""
        pause = 0.0
        while True:
            began = time.monotonic()
            await self._live()
            is_short = time.monotonic() - began < SHORT_LIFE_SECONDS
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2 or 0.2) if is_short else 0.0
            await asyncio.sleep(pause)

    async def is_ready(self) -> bool:
        return bool(await asyncio.to_thread(self.ask, "/readyz"))

    def ask(self, path: str) -> str:
        """What it answers on its operations port; empty where it does not, or not with 200. Blocks for a second."""
        try:
            with urlopen(f"http://{self._host}:{self._port}{path}", timeout=ASK_SECONDS) as answer:  # ours
                return str(answer.read().decode())
        except (URLError, OSError, ValueError):
            return ""

    async def _live(self) -> None:
        self._port = free_port(self._host)
        told = environment_of_worker(f"{self._host}:{self._port}")
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", ROLE, env=told)
        try:
            status = await child.wait()
            log.error("worker_ended", number=self.number, status=status)
        except asyncio.CancelledError:
            await self._end(child)
            raise

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        child.terminate()
        try:
            async with asyncio.timeout(self._patience):
                await child.wait()
        except TimeoutError:
            log.error("worker_killed", number=self.number)  # noqa: TRY400  # no trace needed
            child.kill()
            await child.wait()


class Together(Collector):
    """The metrics of all processes, each sample with its process's number."""

    def __init__(self, workers: Iterable[Worker]) -> None:
        self._workers = list(workers)

    def collect(self) -> Iterator[Metric]:
        """Asks each process; blocks, which disturbs nobody here."""
        found: dict[str, Metric] = {}
        for worker in self._workers:
            for family in text_string_to_metric_families(worker.ask("/metrics")):
                whole = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    whole.add_sample(sample.name, {**sample.labels, "worker": str(worker.number)}, sample.value)
        yield from found.values()


async def supervise(settings: GatewaySettings) -> None:
    """Run as many processes as the settings ask for, until SIGTERM."""
    workers = [Worker(number, settings) for number in range(settings.workers)]
    for own in list(REGISTRY._collector_to_names):  # noqa: SLF001  # what is counted here is nothing, twice named
        REGISTRY.unregister(own)
    REGISTRY.register(Together(workers))
    async with Process("gateway", settings.process, settings.telemetry) as process:
        process.run(*workers)
        process.ready_when(**{f"worker_{worker.number}": worker.is_ready for worker in workers})


def end_with_parent() -> None:
    """Get SIGTERM when the supervisor dies, though it be by SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port(host: str) -> int:
    with bound(f"{host}:0") as found:
        port: int = found.getsockname()[1]
        return port
