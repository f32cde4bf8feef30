"""A process of the fleet as its tests want it: `python -m tests.libs.process.program FOLDER [FAULT]`.

The folder steers it: it is healthy while `sick` is not in there, and a call that is told to wait does so for `go`.
"""

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from libs.process import Process, run
from libs.settings import ProcessSettings, RpcSettings, Settings, TelemetrySettings
from libs.telemetry import Answer, No, get_logger
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
        if "later" in sys.argv[2:]:
            await there("fall")
            raise LookupError("the loop fell off")
        if "quiet" in sys.argv[2:]:
            raise asyncio.CancelledError  # as a library does that awaits a task which it cancelled
        try:
            await asyncio.Event().wait()
        finally:
            if "stuck" in sys.argv[2:]:
                await asyncio.Event().wait()
            log.info("loop_ended")


class Clinging:
    """Does not let itself be ended."""

    async def run(self) -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


async def there(name: str) -> None:
    while not (FOLDER / name).exists():  # noqa: ASYNC110  # the test's own hand
        await asyncio.sleep(0.01)


async def healthy() -> Answer:
    if "check" in sys.argv[2:]:
        raise LookupError("the check fell off")
    if not (FOLDER / "sick").exists():
        return True
    return No((FOLDER / "why").read_text()) if (FOLDER / "why").exists() else False


async def main() -> None:
    if "slow" in sys.argv[2:]:
        (FOLDER / "starting").touch()
        time.sleep(600)  # noqa: ASYNC251  # as much work as its start is
    settings = ProgramSettings.read()
    async with Process("program", settings.process, settings.telemetry) as process:
        process.serve(settings.rpc, Probe())
        process.run(Loop(), *([Clinging()] if "clinging" in sys.argv[2:] else []))
        process.ready_when(store=healthy)
        if "begin" in sys.argv[2:]:
            raise LookupError("the block fell off")


if __name__ == "__main__":
    run(main())
