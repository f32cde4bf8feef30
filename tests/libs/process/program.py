"""A process of the fleet as its tests want it: `python -m tests.libs.process.program FOLDER [FAULT]`.

The folder steers it: it is healthy while `sick` is not in there, and a call that is told to wait does so for `go`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from libs.process import Process
from libs.settings import ProcessSettings, RpcSettings, Settings, TelemetrySettings
from libs.telemetry import get_logger
from tests.libs.generated import probe, probe_rpc

log = get_logger(__name__)
FOLDER = Path(sys.argv[1])


class ProgramSettings(Settings):
    rpc: RpcSettings
    process: ProcessSettings
    telemetry: TelemetrySettings = TelemetrySettings()


class Probe(probe_rpc.ProbeServiceServicer):  # type: ignore[misc]  # generated for the tests
    async def Anyone(self, request: Any, context: Any) -> Any:
        if request.what == "wait":
            (FOLDER / "entered").touch()
            await there("go")
        return probe.Answer(text=request.what)

    User = Session = Fleet = Anyone

    async def Many(self, request: Any, context: Any) -> Any:
        yield await self.Anyone(request, context)


class Loop:
    """Tells when it is ended; fails where it is told to."""

    async def run(self) -> None:
        if "loop" in sys.argv[2:]:
            await asyncio.sleep(0.2)
            raise LookupError("the loop fell off")
        if "quiet" in sys.argv[2:]:
            raise asyncio.CancelledError  # as a library does that awaits a task which it cancelled
        try:
            await asyncio.Event().wait()
        finally:
            log.info("loop_ended")


async def there(name: str) -> None:
    while not (FOLDER / name).exists():  # noqa: ASYNC110  # the test's own hand
        await asyncio.sleep(0.01)


async def healthy() -> bool:
    if "check" in sys.argv[2:]:
        raise LookupError("the check fell off")
    return not (FOLDER / "sick").exists()


async def main() -> None:
    settings = ProgramSettings.read()
    async with Process("program", settings.process, settings.telemetry) as process:
        process.serve(settings.rpc, Probe())
        process.run(Loop())
        process.ready_when(store=healthy)
        if "begin" in sys.argv[2:]:
            raise LookupError("the block fell off")


if __name__ == "__main__":
    asyncio.run(main())
