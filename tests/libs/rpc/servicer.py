"""A service that does as it is told: it answers, refuses, fails or waits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from libs import errors
from libs.errors import Refusal, Violation
from libs.rpc import caller, request_id
from libs.telemetry import traceparent
from tests.libs.generated import probe, probe_rpc

KINDS = {kind.__name__: kind for kind in Refusal.__subclasses__()}
VIOLATIONS = (Violation("größe", "must be at most 5", "max"), Violation("items[3].name", "is missing", "required"))


class QuotaSpent(errors.Exhausted):
    def __init__(self) -> None:
        super().__init__("The quota is spent.", retry_after_seconds=30, limit="5 GiB")


class Probe(probe_rpc.ProbeServiceServicer):  # type: ignore[misc]  # generated for the tests
    """Does as it is told; remembers the streams that were closed on it."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def Anyone(self, request: Any, context: Any) -> Any:
        return await self.do(request.what)

    User = GetText = Session = Fleet = Anyone

    async def Many(self, request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            for number in range(request.after):
                yield probe.Answer(text=str(number))
            yield await self.do(request.what)
        finally:
            self.closed.set()

    async def do(self, what: str) -> Any:
        if what in KINDS:
            raise KINDS[what](f"{what}: so nicht, {what}.", number=5, word="größer")
        if what.startswith("raise "):
            raise ODD[what.removeprefix("raise ")]
        if what == "wait":
            self.entered.set()
            await self.release.wait()
        return probe.Answer(text={"who": who, "trace": trace}.get(what, lambda: what)())


ODD: dict[str, BaseException] = {
    "quota": QuotaSpent(),
    "violations": errors.Invalid("The request breaks rules.", VIOLATIONS),
    "many violations": errors.Invalid(
        "The request breaks rules.", tuple(Violation(f"field{n}", "x" * 200, "bad") for n in range(500))
    ),
    "fault": ValueError("hunter2"),
    "away": ConnectionRefusedError("hunter2"),
    "slow": TimeoutError("hunter2"),
    "cancelled": asyncio.CancelledError(),
    "lookup": LookupError("hunter2"),
    "japanese": errors.NotFound("この動画はありません。" * 40),
}


def who() -> str:
    return f"{caller().user_id} {caller().organization_id} {request_id()}"


def trace() -> str:
    return traceparent() or ""
