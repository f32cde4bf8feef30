"""Servers of one service, as pods behind a name."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from libs.rpc import Server
from libs.settings import RpcSettings
from tests.libs.rpc.servicer import Probe

FOREVER = 3600.0


class Counted(Probe):
    """How many calls this pod was given."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def User(self, request: Any, context: Any) -> Any:
        self.calls += 1
        return await self.do(request.what)

    GetText = User


class Pod:
    def __init__(self, address: str, public: Path, age: float) -> None:
        self.probe = Counted()
        settings = RpcSettings(listen=address, identity_keys=str(public), connection_seconds=age)
        self.server = Server(settings, self.probe)

    async def was_called(self) -> None:
        """Return when it was called again."""
        async with asyncio.timeout(60):
            before = self.probe.calls
            while self.probe.calls == before:  # noqa: ASYNC110  # the servicer counts
                await asyncio.sleep(0.02)


Start = Callable[..., Awaitable[Pod]]
