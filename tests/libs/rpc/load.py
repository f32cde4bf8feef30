"""Calls that do not end: how many there were, and what failed of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from libs.errors import Refusal
from libs.rpc import Client, Passage, Signer
from tests.libs.generated import probe
from tests.libs.rpc.conftest import user

AT_ONCE = 8
METHODS = probe.DESCRIPTOR.services_by_name["ProbeService"].methods_by_name


@dataclass
class Load:
    """Writes: nothing but what was surely not sent may be sent again."""

    answered: int = 0
    failed: list[Refusal] = field(default_factory=list)

    async def more(self, calls: int = 200) -> None:
        """Return when so many more were answered, or one failed."""
        async with asyncio.timeout(60):
            wanted = self.answered + calls
            while self.answered < wanted and not self.failed:  # noqa: ASYNC110  # others count
                await asyncio.sleep(0.02)


@asynccontextmanager
async def under_load(client: Client, signer: Signer) -> AsyncIterator[Load]:
    """Call `User` from several tasks at once while the block runs; all calls must have been answered."""
    load, over = Load(), asyncio.Event()
    call = client.bind(METHODS["User"], 10.0)

    async def go() -> None:
        while not over.is_set():
            try:
                answer: Any = await call(probe.Ask(what="x"), Passage(signer.sign(user())))
            except Refusal as refusal:
                load.failed.append(refusal)
            else:
                load.answered += answer.text == "x"

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(go())
        try:
            await load.more()
            yield load
        finally:
            over.set()
    assert not load.failed, f"{len(load.failed)} of {load.answered + len(load.failed)}: {load.failed[0]}"
